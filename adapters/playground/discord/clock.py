"""Time, and the ids that are made of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

DISCORD_EPOCH_MILLISECONDS = 1_420_070_400_000


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
