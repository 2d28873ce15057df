"""How often a wrong password may be tried."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

ADDRESSES_REMEMBERED = 10_000


class FailedLogIns:
    """Counts by address, never by name: a stranger could lock an operator out by failing in their name,
    and a generated password cannot be guessed from many addresses either.
    """

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, address: str) -> float:
        """Counts an attempt and returns 0, or returns the seconds until one is allowed."""
        now = self._clock()
        times = self._times.setdefault(address, deque())
        self._times.move_to_end(address)
        if len(self._times) > ADDRESSES_REMEMBERED:
            self._times.popitem(last=False)
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._limit:
            return times[0] + self._seconds - now
        times.append(now)
        return 0.0

    def forget(self, address: str) -> None:
        """After a log-in that succeeded."""
        self._times.pop(address, None)
