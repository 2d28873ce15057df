"""The published rates, counted exactly."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import RetryAfter

from adapters.playground.telegram import ApiError, Person, Rates, TelegramServer, too_many_requests
from adapters.playground.telegram.limits import Limits, Window
from tests.adapters.playground.telegram.conftest import bot_of


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def accepted(limits: Limits, clock: Clock, gaps: list[float], *, group: bool = False) -> list[float]:
    """When messages are taken that are tried after these pauses."""
    times = []
    for gap in gaps:
        clock.now += gap
        try:
            limits.charge("1", group=group)
        except ApiError:
            continue
        times.append(clock.now)
    return times


@given(st.lists(st.floats(0, 3), max_size=200))
def test_no_more_messages_are_taken_than_the_rate_and_the_burst_allow(gaps: list[float]) -> None:
    clock = Clock()
    times = accepted(Limits(Rates(), strict=True, clock=clock), clock, gaps)
    for start in range(len(times)):
        for end in range(start, len(times)):
            assert end - start + 1 <= 3 + (times[end] - times[start]) + 1e-6


@given(st.lists(st.floats(0, 10), max_size=200))
def test_a_group_gets_20_messages_in_any_minute(gaps: list[float]) -> None:
    clock = Clock()
    times = accepted(Limits(Rates(chat_burst=100), strict=True, clock=clock), clock, gaps, group=True)
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(times, times[20:], strict=False))


@given(st.lists(st.floats(0, 0.2), max_size=200))
def test_all_chats_together_get_30_messages_in_any_second(gaps: list[float]) -> None:
    clock = Clock()
    limits = Limits(Rates(), strict=False, clock=clock)
    times = []
    for chat, gap in enumerate(gaps):
        clock.now += gap
        before = limits.violation_count
        limits.charge(str(chat), group=False)
        times.append(clock.now)
        crowded = sum(clock.now - time < 1 for time in times) > 30
        assert (limits.violation_count > before) is crowded


@given(st.lists(st.floats(0, 2), min_size=1, max_size=50), st.integers(1, 5))
def test_who_waits_as_long_as_told_is_let_in(gaps: list[float], count: int) -> None:
    clock = Clock()
    window = Window(5, 1.0)
    for gap in gaps:
        clock.now += gap
        clock.now += window.wait(clock.now, count)
        assert window.wait(clock.now, count) <= 1e-6
        window.add(clock.now, count)


async def test_a_strict_server_refuses_what_comes_too_early(ann: Person) -> None:
    async with TelegramServer(strict=True) as server, bot_of(server) as bot:
        ann = server.person("Ann")
        ann.write("/start")
        for number in range(3):
            await bot.send_message(ann.id, str(number))
        with pytest.raises(RetryAfter):
            await bot.send_message(ann.id, "3")
        assert len(server.bot_messages(ann)) == 3
        assert [violation.limit for violation in server.limits.violations] == ["chat"]
        [refused] = server.requests.of("sendMessage", done=False)
        assert (refused.status, refused.description) == (429, "Too Many Requests: retry after 1")


async def test_a_lenient_server_only_counts(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    for number in range(5):
        await bot.send_message(ann.id, str(number))
    assert len(server.bot_messages(ann)) == 5
    assert server.limits.violation_count == 2


async def test_who_does_not_wait_after_a_429_is_noted(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    server.faults.next(too_many_requests(30), method="sendMessage")
    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(ann.id, "Hello")
    assert refusal.value.retry_after == timedelta(seconds=30)
    assert server.limits.violation_count == 0
    await bot.send_message(ann.id, "Hello")
    [violation] = server.limits.violations
    assert (violation.limit, round(violation.retry_after)) == ("retry_after", 30)


async def test_numbers_of_messages_grow(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    group = server.group("Team", ann, supergroup=True)
    for where in (ann.id, group.id):
        ids = [(await bot.send_message(where, "Hello")).message_id for _ in range(3)]
        assert all(earlier < later for earlier, later in pairwise(ids))
