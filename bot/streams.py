"""Words of replies on their way to those who watch, within one process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.messages import Delta, Finished, StreamEvent

PENDING_DELTAS = 256


class LocalStreams:
    """bot.protocols.Streams. Each subscriber has its own bounded queue: a slow one loses deltas, never a Finished."""

    def __init__(self, pending: int = PENDING_DELTAS) -> None:
        self._pending = pending
        self._subscribers: dict[str, set[_Subscriber]] = {}

    def publish(self, event: StreamEvent) -> None:
        """Hands the event to everyone who watches the conversation."""
        for subscriber in self._subscribers.get(event.conversation_id, ()):
            subscriber.put(event)

    def has_subscribers(self, conversation_id: str) -> bool:
        """Whether anybody watches the conversation."""
        return conversation_id in self._subscribers

    @asynccontextmanager
    async def subscribe(self, conversation_id: str) -> AsyncIterator[AsyncIterator[StreamEvent]]:
        """Events from now on, until the block ends."""
        subscriber = _Subscriber(self._pending)
        self._subscribers.setdefault(conversation_id, set()).add(subscriber)
        try:
            yield subscriber
        finally:
            watchers = self._subscribers[conversation_id]
            watchers.discard(subscriber)
            if not watchers:
                del self._subscribers[conversation_id]


class _Subscriber:
    """After a lost delta the rest of that reply's words are left out too: words with a hole are worse than none."""

    def __init__(self, pending: int) -> None:
        self._events: deque[StreamEvent] = deque()
        self._pending = pending
        self._has_hole = False
        self._ready = asyncio.Event()

    def put(self, event: StreamEvent) -> None:
        if isinstance(event, Delta):
            self._has_hole = self._has_hole or len(self._events) >= self._pending
            if self._has_hole:
                return
        else:
            self._has_hole = False
            self._make_room()
        self._events.append(event)
        self._ready.set()

    def _make_room(self) -> None:
        """One who reads nothing at all keeps the words of no reply, and in the end only the latest replies."""
        if len(self._events) >= self._pending:
            replies = [event for event in self._events if isinstance(event, Finished)]
            self._events = deque(replies, maxlen=self._pending)

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self

    async def __anext__(self) -> StreamEvent:
        while not self._events:
            self._ready.clear()
            await self._ready.wait()
        return self._events.popleft()
