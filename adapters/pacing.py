"""How fast a platform may be spoken to.

A limit of `count` calls in `seconds` is kept with slots: a call holds its slot from before it is sent until
`seconds` after its response. A server counts a call somewhere in between, so that however long the network
takes in either direction, no window of its clock ever has more than `count` calls.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.errors import RetryLater

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]

_SWEEP_FROM = 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` calls in any `seconds`; both are more than 0."""

    count: int
    seconds: float

    def __post_init__(self) -> None:
        if self.count < 1 or self.seconds <= 0:
            raise ValueError(f"{self} allows nothing")


class Pacer:
    """Gives out the slots of many keys (a chat, a group, all of the bot); keys that are idle are forgotten."""

    def __init__(self, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._windows: dict[str, _Window] = {}
        self._sweep_at = _SWEEP_FROM

    def __len__(self) -> int:
        """The keys that are remembered."""
        return len(self._windows)

    @asynccontextmanager
    async def slot(self, limits: Mapping[str, Limit], *, patience: float) -> AsyncIterator[None]:
        """Holds a slot of each key around one call; first come, first served at each key.

        The keys are waited for in their order, which must be the same everywhere, the narrowest first: who
        waits for his chat is not yet in the line for the whole bot. A key has the same limit in every call.
        Raises RetryLater at once where the wait would be longer than `patience` (seconds), and later when calls
        in flight have made it longer than it looked.
        """
        windows = [self._window(key, limit) for key, limit in limits.items()]
        for window in windows:
            window.users += 1
        try:
            await self._enter(windows, patience)
            try:
                yield
            finally:
                for window in windows:
                    window.leave()
        finally:
            for window in windows:
                window.users -= 1

    def pause(self, key: str, seconds: float) -> None:
        """Gives out no slot of `key` for that long, as after a platform's own `retry_after`."""
        self._window(key).pause(seconds)

    async def _enter(self, windows: list[_Window], patience: float) -> None:
        deadline = self._clock() + patience
        foreseen = max((window.foreseen() for window in windows), default=0.0)
        if foreseen > patience:
            raise _later(foreseen)
        entered: list[_Window] = []
        try:
            for window in windows:
                await window.enter(deadline)
                entered.append(window)
        except BaseException:
            for window in entered:
                window.give_back()
            raise

    def _window(self, key: str, limit: Limit | None = None) -> _Window:
        if key not in self._windows:
            self._sweep()
            self._windows[key] = _Window(self._clock, self._sleep)
        window = self._windows[key]
        window.limit = limit or window.limit
        return window

    def _sweep(self) -> None:
        """Forgets idle keys each time their number has doubled, which costs a constant per new key."""
        if len(self._windows) >= self._sweep_at:
            self._windows = {key: window for key, window in self._windows.items() if not window.idle()}
            self._sweep_at = max(_SWEEP_FROM, 2 * len(self._windows))


class _Window:
    """The slots of one key. `users` counts those who hold a slot or are on the way to one."""

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        self.limit = Limit(1, 1.0)
        self.users = 0
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._in_flight = 0
        self._responses: deque[float] = deque()
        self._paused_until = clock()

    async def enter(self, deadline: float) -> None:
        """Waits in line for a slot; raises RetryLater when it cannot be had before `deadline`."""
        self._waiting += 1
        try:
            async with self._turn:
                while (seconds := self._wait(ahead=0)) > 0:
                    if self._clock() + seconds > deadline:
                        raise _later(seconds)
                    await self._sleep(seconds)
                self._in_flight += 1
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        """The response is there, or will never be: the slot comes free after the window."""
        self._in_flight -= 1
        self._responses.append(self._clock())

    def give_back(self) -> None:
        """The slot was not used."""
        self._in_flight -= 1

    def pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def foreseen(self) -> float:
        """Seconds until a newcomer would have a slot."""
        return self._wait(ahead=self._waiting)

    def idle(self) -> bool:
        self._forget()
        return not self.users and not self._responses and self._paused_until <= self._clock()

    def _wait(self, ahead: int) -> float:
        """Seconds until there is a slot for one with `ahead` before him, if all calls in flight ended now."""
        self._forget()
        now, count = self._clock(), self.limit.count
        free = count - self._in_flight - len(self._responses)
        rounds, place = divmod(ahead, count)
        at = now if place < free else self._comes_free(place - free, now)
        return max(at, self._paused_until, now) - now + rounds * self.limit.seconds

    def _comes_free(self, place: int, now: float) -> float:
        """When the slot comes free that is at this place among those in use."""
        since = self._responses[place] if place < len(self._responses) else now
        return since + self.limit.seconds

    def _forget(self) -> None:
        now = self._clock()
        while self._responses and self._responses[0] + self.limit.seconds <= now:
            self._responses.popleft()


def _later(seconds: float) -> RetryLater:
    return RetryLater(f"The platform's limit is used up; there is room again in {seconds:.1f} s.", seconds)
