"""Time, ids and waiting, as the server sees them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

DISCORD_EPOCH_MILLISECONDS = 1_420_070_400_000

Found = TypeVar("Found")


class Clock:
    """Wall time that a test may move forward, so that 3 s and 15 min pass at once."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """From now on it is so much later."""
        self._ahead += seconds


def timestamp(at: float) -> str:
    """Seconds since 1970 as the ISO 8601 text of the API."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")


class Snowflakes:
    """Ids that grow with time: milliseconds since 2015, then 22 bits to tell those of one millisecond apart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """A new id above all before."""
        self._last = max(self._last + 1, self._milliseconds() << 22)
        return str(self._last)

    def next_of_new_millisecond(self) -> str:
        """An id whose time no other has: shards are told apart by it."""
        self._last = max((self._last >> 22) + 1, self._milliseconds()) << 22
        return str(self._last)

    def _milliseconds(self) -> int:
        return int(self._clock.now() * 1000) - DISCORD_EPOCH_MILLISECONDS


class Changes:
    """Lets others wait until something that they look for has become true."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], object], asyncio.Future[None]]] = []
        self.version = 0

    def note(self) -> None:
        """Something has changed."""
        self.version += 1
        for holds, future in tuple(self._waiting):
            if not future.done() and holds():
                future.set_result(None)

    async def after(self, version: int, timeout: float) -> int:
        """The version once it is above another one, or as it is when `timeout` seconds have passed."""
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: self.version > version, timeout)
        return self.version

    async def until(self, find: Callable[[], Found], timeout: float = 10.0) -> Found:
        """What `find` returns as soon as it is true; raises TimeoutError after `timeout` seconds."""
        if found := find():
            return found
        waiting = (find, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                await waiting[1]
        finally:
            self._waiting.remove(waiting)
        return find()
