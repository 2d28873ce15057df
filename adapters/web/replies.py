"""From a message that came over HTTP to its reply: stored first, then awaited."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from adapters.web.errors import ReplyLate
from bot.messages import Accepted, Delta, Finished, Incoming, Reply, StreamEvent
from bot.protocols import Inbox, Streams

CHECK_SECONDS = 1.0


def message_key(user: str, conversation: str, external_id: str | None) -> str:
    """The inbox's key of a message: nobody reaches another's reply with it, whatever id they send."""
    if external_id is None:
        return secrets.token_urlsafe(18)
    return hashlib.sha256(json.dumps([user, conversation, external_id]).encode()).hexdigest()


async def with_pauses(
    events: AsyncIterator[StreamEvent], seconds: float = CHECK_SECONDS
) -> AsyncGenerator[StreamEvent | None, None]:
    """The events as they come, and None for each `seconds` of silence; ends when the events end."""
    upcoming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=seconds)
            if not done:
                yield None
                continue
            event = upcoming.result()
            if event is None:
                return
            upcoming = asyncio.ensure_future(anext(events, None))
            yield event
    finally:
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)


class Replies:
    """Waits up to `seconds` for the reply to a message."""

    def __init__(self, inbox: Inbox, streams: Streams, seconds: float) -> None:
        self._inbox = inbox
        self._streams = streams
        self._seconds = seconds

    async def accept(self, incoming: Incoming) -> Accepted:
        """Stores the message; raises Busy, InvalidMessage and StorageError."""
        return await self._inbox.accept(incoming)

    async def wait(self, accepted: Accepted) -> Reply:
        """The reply; raises ReplyLate."""
        async with aclosing(self.stream(accepted)) as parts:
            async for part in parts:
                if isinstance(part, Reply):
                    return part
        raise ReplyLate

    async def stream(self, accepted: Accepted) -> AsyncGenerator[str | Reply, None]:
        """Words of the conversation while they are made, then the reply; raises ReplyLate.

        The words are a courtesy and may be missing; the reply is the truth. It is looked up whenever
        the stream is silent, so that a reply made by another process, or stored before the stream was
        opened, is not missed.
        """
        if accepted.reply is not None:
            yield accepted.reply
            return
        deadline = asyncio.get_running_loop().time() + self._seconds
        async with self._streams.subscribe(accepted.conversation_id) as events:
            if reply := await self._inbox.reply_to(accepted.message_id):
                yield reply
                return
            async with aclosing(with_pauses(events, min(CHECK_SECONDS, self._seconds))) as parts:
                async for event in parts:
                    if isinstance(event, Delta):
                        yield event.text
                    elif reply := await self._reply(event, accepted.message_id):
                        yield reply
                        return
                    if asyncio.get_running_loop().time() >= deadline:
                        break
        raise ReplyLate

    async def _reply(self, event: Finished | None, message_id: str) -> Reply | None:
        if event is None:
            return await self._inbox.reply_to(message_id)
        return event.reply if message_id in event.answered else None
