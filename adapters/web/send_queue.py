"""Events on their way to one client: bounded, and words that wait are joined."""

from __future__ import annotations

import asyncio
from collections import deque

from adapters.web.shapes import Json

JOINED_CHARACTERS = 8000


class SendQueue:
    """What one slow client may keep waiting. Large events ask for `room` first, small ones are just put."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[Json] = deque()
        self._ready = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def put(self, event: Json) -> bool:
        """False when the queue is full."""
        if not self._join(event):
            if len(self._events) >= self._size:
                return False
            self._events.append(event)
        self._ready.set()
        self._room.clear()
        return True

    async def get(self) -> Json:
        """The oldest event, as soon as there is one; asking for the next says that the last one is sent."""
        if not self._events:
            self._room.set()
        while not self._events:
            self._ready.clear()
            await self._ready.wait()
        return self._events.popleft()

    async def room(self) -> None:
        """Returns when everything is sent."""
        await self._room.wait()

    def _join(self, event: Json) -> bool:
        """Adds words to those that wait; more of them than anybody reads are left out, as the reply has them."""
        if event["type"] != "delta" or not self._events or self._events[-1]["type"] != "delta":
            return False
        words = self._events[-1]["text"] + event["text"]
        if len(words) <= JOINED_CHARACTERS:
            self._events[-1] = event | {"text": words}
        return True
