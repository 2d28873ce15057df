"""Files that customers send: fetched within bounds of size and time, and kept by the core."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from adapters.telegram.events import RemoteFile
from bot.messages import Attachment
from bot.protocols import Files, Texts

log = structlog.get_logger()

SECONDS = 30.0
"""For one file from the first request to the last byte, further tries included."""
TRIES = 3
RETRY_SECONDS = 1.0
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Fetched:
    """What there is of a message's files; `notes` are words about those that are missing."""

    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()


class _TooLarge(Exception):
    pass


class Attachments:
    """Fetches files of at most `most_bytes` each, a few at a time."""

    def __init__(self, bot: Bot, files: Files, texts: Texts, most_bytes: int) -> None:
        self._bot = bot
        self._files = files
        self._texts = texts
        self._most_bytes = most_bytes
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._http = httpx.AsyncClient(timeout=10, follow_redirects=True)

    async def close(self) -> None:
        """Ends all connections."""
        await self._http.aclose()

    async def fetch(self, wanted: Sequence[RemoteFile], language: str) -> Fetched:
        """Never fails for a file: what is too large or does not come is named in the notes.

        Raises StorageError where a file cannot be kept, as its message should come again then.
        """
        found, notes = [], []
        for file in wanted:
            try:
                found.append(await self._one(file))
            except _TooLarge:
                notes.append(self._texts.text("file_not_taken", language, name=file.name, size=self._megabytes()))
            except (TelegramError, httpx.HTTPError, OSError, TimeoutError) as error:
                log.warning("file not fetched", name=file.kind, error=type(error).__name__)
                notes.append(self._texts.text("file_not_fetched", language, name=file.name))
        return Fetched(tuple(found), tuple(notes))

    def _megabytes(self) -> str:
        return f"{self._most_bytes / 1_000_000:g}"

    async def _one(self, file: RemoteFile) -> Attachment:
        if file.size is not None and file.size > self._most_bytes:
            raise _TooLarge
        async with self._turn, asyncio.timeout(SECONDS):
            content = await self._patiently(file.file_id)
        url = await self._files.save(content, mime=file.mime, name=file.name)
        return Attachment(file.kind, url, file.mime, file.width, file.height, file.name, len(content))

    async def _patiently(self, file_id: str) -> bytes:
        for _ in range(TRIES - 1):
            try:
                return await self._content(file_id)
            except BadRequest as error:
                raise (_TooLarge() if "too big" in error.message.lower() else error) from error
            except (TelegramError, httpx.HTTPError):
                await asyncio.sleep(RETRY_SECONDS)
        return await self._content(file_id)

    async def _content(self, file_id: str) -> bytes:
        remote = await self._bot.get_file(file_id)
        if (remote.file_size or 0) > self._most_bytes:
            raise _TooLarge
        path = remote.file_path or ""
        if path.startswith(("http://", "https://")):
            return await self._download(path)
        return await asyncio.to_thread(self._read, Path(path))

    async def _download(self, url: str) -> bytes:
        """The client library would read a body of any size; this stops at the bound."""
        content = bytearray()
        async with self._http.stream("GET", url) as response:
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > self._most_bytes:
                    raise _TooLarge
        return bytes(content)

    def _read(self, path: Path) -> bytes:
        """A Bot API server on this machine in its local mode names a path."""
        with path.open("rb") as file:
            content = file.read(self._most_bytes + 1)
        if len(content) > self._most_bytes:
            raise _TooLarge
        return content
