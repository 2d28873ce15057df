"""Whatever the network does, a server never counts more calls in a window than the limit allows."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.pacing import Limit, Pacer
from bot.errors import RetryLater

FOREVER = 1e9


class Time:
    """A clock that jumps to the next sleeper as soon as nothing else can run."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._number), future))
        await future

    async def run(self, *works: Awaitable[None]) -> None:
        tasks = [asyncio.ensure_future(work) for work in works]
        while not all(task.done() for task in tasks):
            for _ in range(10):  # longer than any chain of wake-ups between two sleeps
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    future.set_result(None)
        for task in tasks:
            task.result()

    def play(self, story: Callable[[Pacer], Sequence[Awaitable[None]]]) -> Pacer:
        """Runs works of a pacer in this time, until all of them have ended."""
        pacer = Pacer(self.clock, self.sleep)

        async def scene() -> None:
            await self.run(*story(pacer))

        asyncio.run(scene())
        return pacer


def most_in_a_window(moments: Sequence[float], seconds: float) -> int:
    moments = sorted(moments)
    return max(index + 1 - bisect_left(moments, moment - seconds + 1e-9) for index, moment in enumerate(moments))


delays = st.floats(0, 3)
call = st.tuples(st.floats(0, 10), st.integers(0, 2), delays, delays)


@given(st.lists(call, min_size=1, max_size=40), st.integers(1, 3), st.integers(1, 6))
@settings(deadline=None)
def test_no_window_of_the_server_has_more_calls_than_allowed(
    calls: list[tuple[float, int, float, float]], per_chat: int, for_all: int
) -> None:
    time = Time()
    arrivals: list[tuple[int, float]] = []

    async def client(pacer: Pacer, start: float, chat: int, way_there: float, way_back: float) -> None:
        await time.sleep(start)
        limits = {f"chat:{chat}": Limit(per_chat, 1.0), "all": Limit(for_all, 2.0)}
        async with pacer.slot(limits, patience=FOREVER):
            await time.sleep(way_there)
            arrivals.append((chat, time.now))
            await time.sleep(way_back)

    time.play(lambda pacer: [client(pacer, *each) for each in calls])
    assert len(arrivals) == len(calls)
    assert most_in_a_window([moment for _, moment in arrivals], 2.0) <= for_all
    for chat in {chat for chat, _ in arrivals}:
        assert most_in_a_window([moment for each, moment in arrivals if each == chat], 1.0) <= per_chat


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(1, 3))
@settings(deadline=None)
def test_each_chat_is_served_in_the_order_in_which_it_asked(chats: list[int], per_chat: int) -> None:
    time = Time()
    served: list[tuple[int, int]] = []

    async def client(pacer: Pacer, number: int, chat: int) -> None:
        limits = {f"chat:{chat}": Limit(per_chat, 1.0), "all": Limit(2, 1.0)}
        async with pacer.slot(limits, patience=FOREVER):
            served.append((chat, number))
            await time.sleep(0.1)

    time.play(lambda pacer: [client(pacer, *each) for each in enumerate(chats)])
    for chat in set(chats):
        numbers = [number for each, number in served if each == chat]
        assert numbers == sorted(numbers)


def test_a_chat_that_must_wait_does_not_hold_up_the_others() -> None:
    time = Time()
    served: list[tuple[str, float]] = []

    async def client(pacer: Pacer, chat: str) -> None:
        async with pacer.slot({chat: Limit(1, 10.0), "all": Limit(30, 1.0)}, patience=FOREVER):
            served.append((chat, time.now))

    time.play(lambda pacer: [client(pacer, chat) for chat in ("busy", "busy", "quiet", "other")])
    assert served == [("busy", 0.0), ("quiet", 0.0), ("other", 0.0), ("busy", 10.0)]


def test_the_full_rate_is_used() -> None:
    time = Time()
    moments: list[float] = []

    async def client(pacer: Pacer) -> None:
        async with pacer.slot({"all": Limit(3, 1.0)}, patience=FOREVER):
            moments.append(time.now)

    time.play(lambda pacer: [client(pacer) for _ in range(9)])
    assert moments == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_who_will_not_wait_that_long_is_told_how_long_it_would_be() -> None:
    time = Time()
    waits: list[float | None] = []

    async def client(pacer: Pacer, patience: float) -> None:
        try:
            async with pacer.slot({"chat": Limit(1, 4.0)}, patience=patience):
                pass
        except RetryLater as error:
            waits.append(error.retry_after)

    time.play(lambda pacer: [client(pacer, patience) for patience in (0, 0, 3.9, 4, 5, 8)])
    assert waits == [4.0, 4.0, 8.0]
    assert time.now == 8.0


def test_a_call_in_flight_that_takes_longer_than_foreseen_ends_the_wait() -> None:
    time = Time()
    waits: list[float | None] = []

    async def slow(pacer: Pacer) -> None:
        async with pacer.slot({"chat": Limit(1, 1.0)}, patience=0):
            await time.sleep(50)

    async def patient(pacer: Pacer) -> None:
        with pytest.raises(RetryLater) as caught:
            async with pacer.slot({"chat": Limit(1, 1.0)}, patience=5):
                pass
        waits.append(caught.value.retry_after)
        assert time.now <= 5

    time.play(lambda pacer: [slow(pacer), patient(pacer)])
    assert waits == [1.0]


def test_a_pause_holds_back_its_key_only() -> None:
    time = Time()
    served: list[tuple[str, float]] = []

    async def client(pacer: Pacer, chat: str) -> None:
        async with pacer.slot({chat: Limit(1, 1.0)}, patience=FOREVER):
            served.append((chat, time.now))

    def story(pacer: Pacer) -> list[Awaitable[None]]:
        pacer.pause("a", 7)
        pacer.pause("a", 3)
        return [client(pacer, "a"), client(pacer, "b")]

    time.play(story)
    assert served == [("b", 0.0), ("a", 7.0)]


def test_who_gives_up_waiting_leaves_no_trace() -> None:
    time = Time()
    served: list[float] = []
    limits = {"chat": Limit(1, 2.0), "all": Limit(1, 5.0)}

    async def client(pacer: Pacer) -> None:
        async with pacer.slot(limits, patience=FOREVER):
            served.append(time.now)

    async def story(pacer: Pacer) -> None:
        await client(pacer)
        quitter = asyncio.ensure_future(client(pacer))
        await time.sleep(3)  # it holds the chat's slot by now and waits for the bot's
        quitter.cancel()
        await asyncio.wait([quitter])
        await client(pacer)

    time.play(lambda pacer: [story(pacer)])
    assert served == [0.0, 5.0]


def test_a_failed_call_uses_its_slot() -> None:
    """The platform may have counted it before the connection broke."""
    time = Time()

    async def story(pacer: Pacer) -> None:
        with pytest.raises(ConnectionError):
            async with pacer.slot({"chat": Limit(1, 2.0)}, patience=0):
                raise ConnectionError
        async with pacer.slot({"chat": Limit(1, 2.0)}, patience=FOREVER):
            assert time.now == 2.0

    time.play(lambda pacer: [story(pacer)])


def test_idle_keys_are_forgotten() -> None:
    time = Time()

    async def story(pacer: Pacer) -> None:
        for number in range(20_000):
            async with pacer.slot({f"chat:{number}": Limit(1, 1.0), "all": Limit(1000, 1.0)}, patience=FOREVER):
                pass
            time.now += 0.01
        assert len(pacer) < 2_000

    time.play(lambda pacer: [story(pacer)])


@pytest.mark.parametrize(("count", "seconds"), [(0, 1.0), (1, 0.0)])
def test_a_limit_that_allows_nothing_is_refused(count: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="allows nothing"):
        Limit(count, seconds)
