"""The terminal channel: a person at a keyboard, who waits for each reply."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator

from bot.errors import Busy
from bot.messages import Delivery, Delta, Incoming, Reply, StreamEvent
from bot.protocols import Inbox, Streams

CHECK_SECONDS = 1.0
"""A reply made by another process on the same database rings no bell here, so it is looked up this often."""
PENDING_PARTS = 256


class Terminal:
    """`bot.protocols.Channel`. A delivery rings a bell for whoever waits; the reply is read from the inbox,
    so that one whose terminal was closed is simply there when the conversation goes on.
    """

    name = "terminal"

    def __init__(self, inbox: Inbox, streams: Streams, seconds: float = 120) -> None:
        self._inbox = inbox
        self._streams = streams
        self._seconds = seconds
        self._waiting: dict[str, asyncio.Queue[str]] = {}

    async def run(self) -> None:
        """Nothing comes by itself: what the person writes comes through `say`."""
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> None:
        """Wakes who waits in this process; the reply stays readable for all others."""
        if waiting := self._waiting.get(delivery.target):
            _ring(waiting)

    async def say(self, text: str, *, user: str, conversation: str) -> AsyncGenerator[str | Reply, None]:
        """Sends one message; gives words of the reply while they are made, then the reply itself.

        Raises Busy when the queue is full or the reply takes too long, InvalidMessage and StorageError.
        """
        message = Incoming(self.name, secrets.token_urlsafe(18), conversation, user, text)
        parts: asyncio.Queue[str] = asyncio.Queue(PENDING_PARTS)
        self._waiting[conversation] = parts
        try:
            accepted = await self._inbox.accept(message)
            async with self._streams.subscribe(accepted.conversation_id) as events, _pumping(events, parts):
                async for part in self._parts(accepted.message_id, parts):
                    yield part
        finally:
            del self._waiting[conversation]

    async def _parts(self, message_id: str, parts: asyncio.Queue[str]) -> AsyncIterator[str | Reply]:
        deadline = asyncio.get_running_loop().time() + self._seconds
        while not (reply := await self._inbox.reply_to(message_id)):
            while words := await _next(parts):
                yield words
            if asyncio.get_running_loop().time() > deadline:
                raise Busy(f"There is no reply after {self._seconds:g} seconds; it will be in the conversation later.")
        yield reply


def _ring(parts: asyncio.Queue[str]) -> None:
    """An empty part says that it is time to look for the reply; a full queue says so by itself."""
    with contextlib.suppress(asyncio.QueueFull):
        parts.put_nowait("")


async def _next(parts: asyncio.Queue[str]) -> str:
    """The next words; empty when the bell rings and after a time of silence."""
    try:
        return await asyncio.wait_for(parts.get(), CHECK_SECONDS)
    except TimeoutError:
        return ""


@contextlib.asynccontextmanager
async def _pumping(events: AsyncIterator[StreamEvent], parts: asyncio.Queue[str]) -> AsyncIterator[None]:
    async def pump() -> None:
        async for event in events:
            await parts.put(event.text if isinstance(event, Delta) else "")

    task = asyncio.create_task(pump())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
