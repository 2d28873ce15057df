"""Keeps the knowledge store in step with files: on command, with the folders of the settings, and live."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
import watchfiles

from bot.errors import KnowledgeError, StorageError, UsageError
from bot.knowledge.files import File, Skipped, digest, find, name_of, readable
from bot.knowledge.ingest.process import Reader
from bot.messages import Document
from bot.protocols import KnowledgeStore

log = structlog.get_logger()

READER_VERSION = "1"
"""Part of each digest: raised when the same file makes other passages, so that all files are read again."""
RETRY_SECONDS = 5.0
LONGEST_NAME = 1024

Progress = Callable[[int, int, str], None]
"""Files done, files in all, the name of the one that is done."""


@dataclass
class AddReport:
    """What became of the files, by their documents' names."""

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class Library:
    """Adds, replaces and removes documents; `folders` are those of the settings.

    Files are read one at a time in a process of their own. One that cannot be read never stops the others.
    """

    def __init__(self, store: KnowledgeStore, folders: Sequence[Path] = ()) -> None:
        self._store = store
        self._folders = [folder.resolve() for folder in folders]
        self._changing = asyncio.Lock()
        self._reported: dict[Path, str] = {}

    async def add(self, paths: Sequence[Path], progress: Progress | None = None) -> AddReport:
        """Takes files and whole folders; unchanged files are left alone. Raises StorageError."""
        files, skipped = await asyncio.to_thread(find, paths, self._folders)
        async with self._changing:
            return await self._take(files, skipped, progress)

    async def sync(self, progress: Progress | None = None) -> AddReport:
        """Makes the store equal to the folders: documents of files that are gone are removed as well.

        A folder that is not there is reported and its documents are kept. Raises StorageError.
        """
        files, skipped = await asyncio.to_thread(find, self._folders, self._folders)
        async with self._changing:
            report = await self._take(files, skipped, progress)
            there = [name_of(folder, self._folders) for folder in self._folders if folder.is_dir()]
            await self._remove(there, {file.name for file in files}, report)
        return report

    async def remove(self, document_id: str) -> Document:
        """Raises NotFound, and UsageError for a file in a folder of the settings, from where it would come back."""
        files, _ = await asyncio.to_thread(find, self._folders, self._folders)
        if kept := next((file for file in files if file.document_id == document_id), None):
            raise UsageError(f"{kept.path} is in a folder that the bot keeps up with; delete the file itself.")
        async with self._changing:
            return await self._store.remove(document_id)

    async def list(self) -> Sequence[Document]:
        """All documents, by name."""
        return await self._store.documents()

    async def watch(self, notify: Callable[[AddReport], None] | None = None) -> None:
        """Keeps up with the folders until cancelled; `notify` gets a report after each change and at the start.

        The first look at the folders comes after the watching has begun, so that nothing falls between.
        """
        folders = [folder for folder in self._folders if folder.is_dir()]
        if not folders:
            return
        changes = watchfiles.awatch(*folders, watch_filter=None, debounce=400, step=50)
        coming = asyncio.ensure_future(anext(changes))
        try:
            await asyncio.sleep(0)
            self._tell(await _patiently(self.sync), notify)
            while True:
                changed = {Path(path) for _, path in await coming}
                coming = asyncio.ensure_future(anext(changes))
                self._tell(await _patiently(lambda paths=changed: self._follow(paths)), notify)  # type: ignore[misc]
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            await changes.aclose()

    async def _follow(self, paths: set[Path]) -> AddReport:
        there = {path for path in paths if path.exists()}
        meant = sorted(path for path in there if path.is_dir() or readable(path))
        files, skipped = await asyncio.to_thread(find, meant, self._folders)
        async with self._changing:
            report = await self._take(files, skipped, None)
            gone = [name_of(path, self._folders) for path in paths - there]
            await self._remove(gone, set(), report)
        return report

    async def _take(self, files: Sequence[File], skipped: Sequence[Skipped], progress: Progress | None) -> AddReport:
        report = AddReport()
        known = {document.name: document.digest for document in await self._store.documents()}
        problems = {problem.path: problem.reason for problem in skipped}
        async with Reader() as reader:
            for number, file in enumerate(files, 1):
                try:
                    await self._take_one(file, known.get(file.name), reader, report)
                    self._reported.pop(file.path, None)
                except KnowledgeError as error:
                    problems[file.path] = str(error)
                if progress:
                    progress(number, len(files), file.name)
        report.skipped = [
            Skipped(path, reason, self._reported.get(path) == reason) for path, reason in problems.items()
        ]
        self._reported |= problems
        return report

    async def _take_one(self, file: File, known: str | None, reader: Reader, report: AddReport) -> None:
        if len(file.name) > LONGEST_NAME:
            raise KnowledgeError(f"its path is longer than {LONGEST_NAME} characters")
        found = await asyncio.to_thread(digest, file.path, READER_VERSION, file.source)
        if found == known:
            report.unchanged.append(file.name)
            return
        passages = await reader.read(file.path, file.document_id, file.source)
        document = Document(file.document_id, file.name, file.source, found, len(passages), datetime.now(UTC))
        await self._store.replace(document, passages)
        (report.added if known is None else report.replaced).append(file.name)

    async def _remove(self, places: Sequence[str], present: set[str], report: AddReport) -> None:
        """Removes the documents at or under `places` whose files are not present."""
        if not places:
            return
        for document in await self._store.documents():
            inside = any(document.name == place or document.name.startswith(f"{place}/") for place in places)
            if inside and document.name not in present:
                await self._store.remove(document.id)
                report.removed.append(document.name)

    def _tell(self, report: AddReport, notify: Callable[[AddReport], None] | None) -> None:
        for problem in report.skipped:
            if not problem.repeated:
                log.warning("document skipped", document=str(problem.path), reason=problem.reason)
        if report.added or report.replaced or report.removed:
            log.info("knowledge changed", added=report.added, replaced=report.replaced, removed=report.removed)
        if notify:
            notify(report)


async def _patiently(change: Callable[[], Awaitable[AddReport]]) -> AddReport:
    """Tries again for as long as the database is away."""
    while True:
        try:
            return await change()
        except StorageError as error:
            log.warning("knowledge cannot be stored now", reason=str(error), again_in_seconds=RETRY_SECONDS)
        await asyncio.sleep(RETRY_SECONDS)
