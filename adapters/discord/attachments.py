"""Files of customers on their way in, and files of replies on their way out. Both are bounded."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
import discord
import structlog

from adapters.discord.endpoints import file_address
from adapters.discord.options import DiscordOptions
from adapters.discord.outgoing.rest import Upload
from bot.errors import NotFound, StorageError
from bot.messages import Attachment, StoredFile
from bot.protocols import Files

log = structlog.get_logger()

DOWNLOAD_SECONDS = 30.0
CHUNK_BYTES = 65_536
MOST_FILES = 10
"""Discord takes so many files in a message."""
UPLOAD_BYTES = 10 * 1024 * 1024
"""Discord takes so many bytes in a request from a bot, where the server has no boosts."""
KINDS = {"image": "image", "audio": "voice", "video": "video"}


class Attachments:
    """Fetches what customers send, and loads what replies carry."""

    def __init__(self, files: Files, options: DiscordOptions) -> None:
        self._files = files
        self._options = options

    async def fetch(self, sources: Sequence[discord.Attachment]) -> tuple[Attachment, ...]:
        """All of them, in their order; one that is too large or cannot be had has an empty `url`."""
        if not sources:
            return ()
        timeout = aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            return tuple([await self._fetch(session, source) for source in sources[:MOST_FILES]])

    async def load(self, attachments: Sequence[Attachment]) -> tuple[list[Upload], list[Attachment]]:
        """What can be sent along, and what is too large for Discord."""
        uploads: list[Upload] = []
        left: list[Attachment] = []
        room = min(UPLOAD_BYTES, self._options.attachment_bytes)
        for attachment in attachments:
            file = await self.content(attachment)
            if file is None or len(file.content) > room or len(uploads) == MOST_FILES:
                left.append(attachment)
                continue
            room -= len(file.content)
            uploads.append(Upload(attachment.name or file.name, file.content))
        return uploads, left

    async def content(self, attachment: Attachment) -> StoredFile | None:
        """None for one that is not kept here."""
        try:
            return await self._files.load(attachment.url)
        except NotFound:
            return None

    async def _fetch(self, session: aiohttp.ClientSession, source: discord.Attachment) -> Attachment:
        mime = (source.content_type or "application/octet-stream").partition(";")[0]
        url = await self._saved(session, source, mime)
        kind = KINDS.get(mime.partition("/")[0], "file")
        return Attachment(kind, url, mime, source.width, source.height, source.filename, source.size)

    async def _saved(self, session: aiohttp.ClientSession, source: discord.Attachment, mime: str) -> str:
        if source.size > self._options.attachment_bytes:
            log.info("file not fetched", channel="discord", file=source.id, size=source.size)
            return ""
        try:
            content = await self._read(session, file_address(self._options, source.url))
            return await self._files.save(content, mime=mime, name=source.filename)
        except (aiohttp.ClientError, TimeoutError, StorageError, ValueError) as error:
            log.warning("file not fetched", channel="discord", file=source.id, error=str(error) or repr(error))
            return ""

    async def _read(self, session: aiohttp.ClientSession, url: str) -> bytes:
        """The size that was announced is not relied on. Raises ValueError for what is larger than allowed."""
        content = bytearray()
        async with session.get(url, raise_for_status=True) as response:
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > self._options.attachment_bytes:
                    raise ValueError("it is larger than announced and than limits.attachment_megabytes allows")
        return bytes(content)
