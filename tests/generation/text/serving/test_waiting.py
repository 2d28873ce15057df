from __future__ import annotations

import time

import pytest

from generation.errors import EngineBusy
from generation.text.serving.requests import Active, Request
from generation.text.serving.sampling import Sampling
from generation.text.serving.waiting import Waiting


def asked(conversation: str, number: int, seconds: float = 60) -> Active:
    request = Request(
        [number], 1, Sampling(), frozenset(), seconds, lambda _: None, lambda _: None, conversation=conversation
    )
    return Active(request, deadline=time.monotonic() + seconds)


def order(waiting: Waiting) -> list[int]:
    return [waiting.next().request.ids[0] for _ in range(len(waiting))]


def test_conversations_take_turns() -> None:
    waiting = Waiting(9)
    for number, conversation in enumerate("aaaabbc"):
        waiting.add(asked(conversation, number))
    assert order(waiting) == [0, 4, 6, 1, 5, 2, 3]


def test_requests_of_nobody_in_particular_are_served_as_they_came() -> None:
    waiting = Waiting(9)
    for number in range(5):
        waiting.add(asked("", number))
    assert order(waiting) == [0, 1, 2, 3, 4]


def test_a_full_queue_refuses_whoever_comes() -> None:
    waiting = Waiting(2)
    waiting.add(asked("a", 0))
    waiting.add(asked("b", 1))
    with pytest.raises(EngineBusy):
        waiting.add(asked("c", 2))


def test_who_lost_its_place_comes_first_even_into_a_full_queue() -> None:
    waiting = Waiting(2)
    waiting.add(asked("a", 0))
    waiting.add(asked("b", 1))
    waiting.again(asked("b", 2))
    assert order(waiting) == [2, 0, 1]


def test_who_is_late_or_cancelled_is_taken_out() -> None:
    waiting = Waiting(9)
    late, cancelled, patient = asked("a", 0, seconds=-1), asked("a", 1), asked("b", 2)
    for active in (late, cancelled, patient):
        waiting.add(active)
    cancelled.cancel()
    assert waiting.drop_ended() == [late, cancelled]
    assert order(waiting) == [2]
    assert waiting.clear() == []
