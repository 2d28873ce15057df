"""The terminal channel: a person at a keyboard, who waits for each reply."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path

import structlog

from bot.errors import Busy, NotFound
from bot.messages import Attachment, Delivery, Delta, Incoming, Reply, StoredFile, StreamEvent
from bot.protocols import Files, Inbox, Streams

log = structlog.get_logger()

CHECK_SECONDS = 1.0
"""A reply that another process on the same database made or delivered rings no bell here; it is looked up."""
MOST_LOOKS = 3
"""A stored reply is shown after so many looks, even if its delivery is not seen here."""
PENDING_PARTS = 256


class Terminal:
    """`bot.protocols.Channel`. A reply is shown when it is delivered, so that a process which ends after it
    leaves nothing in the outbox. One that nobody here waits for counts as delivered too: it is in the
    conversation, and is there when that goes on.

    The `files` of a reply are written into `folder`, and their urls are those paths, which a person can open.
    """

    name = "terminal"

    def __init__(
        self,
        inbox: Inbox,
        streams: Streams,
        seconds: float = 120,
        *,
        files: Files | None = None,
        folder: Path = Path(),
    ) -> None:
        self._inbox = inbox
        self._streams = streams
        self._files = files
        self._folder = folder
        self._seconds = seconds
        self._waiting: dict[str, asyncio.Queue[str | Reply]] = {}

    async def run(self) -> None:
        """Nothing comes by itself: what the person writes comes through `say`."""
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> None:
        """Hands the reply to who waits for it in this process."""
        if waiting := self._waiting.get(delivery.target):
            with contextlib.suppress(asyncio.QueueFull):
                waiting.put_nowait(delivery.reply)

    async def say(self, text: str, *, user: str, conversation: str) -> AsyncGenerator[str | Reply, None]:
        """Sends one message; gives words of the reply while they are made, then the reply itself.

        Raises Busy when the queue is full or the reply takes too long, InvalidMessage and StorageError.
        """
        message = Incoming(self.name, secrets.token_urlsafe(18), conversation, user, text)
        parts: asyncio.Queue[str | Reply] = asyncio.Queue(PENDING_PARTS)
        self._waiting[conversation] = parts
        try:
            accepted = await self._inbox.accept(message)
            async with self._streams.subscribe(accepted.conversation_id) as events, _pumping(events, parts):
                async for part in self._parts(accepted.message_id, parts):
                    yield part
        finally:
            del self._waiting[conversation]

    async def _parts(self, message_id: str, parts: asyncio.Queue[str | Reply]) -> AsyncIterator[str | Reply]:
        deadline = asyncio.get_running_loop().time() + self._seconds
        looks = 0
        while True:
            part = await _next(parts)
            if isinstance(part, str):
                yield part
            elif reply := await self._inbox.reply_to(message_id):
                looks += 1
                if looks == MOST_LOOKS or (part and part.message_id == reply.message_id):
                    yield await self._with_files(reply)
                    return
            elif asyncio.get_running_loop().time() > deadline:
                raise Busy(f"There is no reply after {self._seconds:g} seconds; it will be in the conversation later.")

    async def _with_files(self, reply: Reply) -> Reply:
        """The reply with its files on disk; one that is gone keeps the url that it had."""
        attachments = [await self._written(each) for each in reply.attachments]
        return replace(reply, attachments=tuple(attachments))

    async def _written(self, attachment: Attachment) -> Attachment:
        if self._files is None or not attachment.url.startswith("file:"):
            return attachment
        try:
            file = await self._files.load(attachment.url)
            path = await asyncio.to_thread(_write, self._folder, file)
        except (NotFound, OSError) as error:
            log.warning("a file of the reply cannot be written", reason=str(error))
            return attachment
        return replace(attachment, url=str(path))


def _write(folder: Path, file: StoredFile) -> Path:
    """Under the file's own name and a part of its hash, so that equal names do not meet."""
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(file.name).name or "file"
    path = folder / f"{Path(name).stem}-{hashlib.sha256(file.content).hexdigest()[:6]}{Path(name).suffix}"
    path.write_bytes(file.content)
    return path


async def _next(parts: asyncio.Queue[str | Reply]) -> str | Reply | None:
    """The next words or delivered reply; None after a time of silence."""
    try:
        return await asyncio.wait_for(parts.get(), CHECK_SECONDS)
    except TimeoutError:
        return None


@contextlib.asynccontextmanager
async def _pumping(events: AsyncIterator[StreamEvent], parts: asyncio.Queue[str | Reply]) -> AsyncIterator[None]:
    """Words of the stream go into `parts`; when the reply is stored, its delivery will follow."""

    async def pump() -> None:
        async for event in events:
            if isinstance(event, Delta):
                await parts.put(event.text)

    task = asyncio.create_task(pump())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
