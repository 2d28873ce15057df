"""Files as they come from customers: photos lose their metadata before they are kept."""

from __future__ import annotations

import asyncio

from bot.messages import StoredFile
from bot.pictures.stripping import stripped
from bot.protocols import Files


class IncomingFiles:
    """bot.protocols.Files for channels, in front of those that keep."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def save(self, content: bytes, *, mime: str, name: str) -> str:
        """As the files behind it, but for the metadata of photos."""
        clean = await asyncio.to_thread(stripped, content)
        return await self._files.save(clean, mime=mime, name=name)

    async def load(self, url: str) -> StoredFile:
        return await self._files.load(url)
