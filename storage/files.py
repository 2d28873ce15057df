"""Files of conversations: their contents in a folder by SHA-256, what they are in the database."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

from bot.errors import NotFound, StorageError
from bot.messages import StoredFile
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.ids import new_id
from storage.tables import KEY_CHARACTERS, Files

SCHEME = "file:"
UNKNOWN_TYPE = "application/octet-stream"


class SqlFiles:
    """bot.protocols.Files. The same content is kept once, however often and under whatever names it is sent.

    Without a folder nothing can be saved.
    """

    def __init__(self, database: Database, folder: Path | None, clock: Clock) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock

    async def save(self, content: bytes, *, mime: str, name: str) -> str:
        """The file's url; when this returns, the content is on disk. Raises StorageError."""
        digest = await asyncio.to_thread(self._write, content)
        row = {
            "id": new_id("f"),
            "digest": digest,
            "mime": rows.storable(mime)[:KEY_CHARACTERS] or UNKNOWN_TYPE,
            "name": rows.storable(name),
            "size": len(content),
            "created_at": self._clock(),
        }
        await self._database.write(lambda connection: connection.execute(insert(Files), row))
        await asyncio.to_thread(self._write, content)  # an erasure may have removed the same content meanwhile
        return f"{SCHEME}{row['id']}"

    async def load(self, url: str) -> StoredFile:
        """Raises NotFound when there is no such file, or its content has been removed from the folder."""
        query = select(Files).where(Files.id == rows.storable(url.removeprefix(SCHEME)))
        row = None
        if url.startswith(SCHEME):
            row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise NotFound("There is no such file.")
        return StoredFile(await asyncio.to_thread(self._read, row.digest), row.mime, row.name)

    async def drop(self, digests: Sequence[str]) -> None:
        """Removes contents that no file names; one that has got a name again meanwhile stays."""
        if self._folder is None:
            return
        for digest in digests:
            path, aside = self._path(digest), self._path(digest).with_suffix(".removed")
            if not await asyncio.to_thread(_moved, path, aside):
                continue
            if await self._is_named(digest):
                await asyncio.to_thread(os.replace, aside, path)
            else:
                await asyncio.to_thread(aside.unlink, missing_ok=True)

    async def drop_strays(self, age: timedelta) -> int:
        """Removes contents older than `age` that no file names, as a process leaves them that is killed while it
        saves; returns how many."""
        if self._folder is None:
            return 0
        before = (self._clock() - age).timestamp()
        old = await asyncio.to_thread(_older, self._folder, before)
        strays = [path for path in old if path.suffix == ".removed" or not await self._is_named(path.name)]
        for path in strays:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return len(strays)

    async def _is_named(self, digest: str) -> bool:
        query = select(Files.id).where(Files.digest == digest).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).first()) is not None

    def _write(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        try:
            path = self._path(digest)
            if not path.exists():
                _write_atomically(path, content)
        except OSError as error:
            raise StorageError(
                f"The file cannot be kept in {self._folder}: {error.strerror or error}. "
                "Make space there, or let Parley write to the folder."
            ) from error
        return digest

    def _read(self, digest: str) -> bytes:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("The file has been removed.") from None
        except OSError as error:
            raise StorageError(f"A file in {self._folder} cannot be read: {error.strerror or error}.") from error

    def _path(self, digest: str) -> Path:
        """In one of 256 folders, so that none grows too long to list."""
        if self._folder is None:
            raise StorageError("Files cannot be kept: this store was opened without a folder for them.")
        return self._folder / digest[:2] / digest


def _write_atomically(path: Path, content: bytes) -> None:
    """Under its own name the file is always whole, even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    _sync_folder(path.parent)


def _moved(path: Path, aside: Path) -> bool:
    try:
        os.replace(path, aside)
    except FileNotFoundError:
        return False
    return True


def _older(folder: Path, before: float) -> list[Path]:
    return [path for path in folder.glob("??/*") if path.is_file() and path.stat().st_mtime < before]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
