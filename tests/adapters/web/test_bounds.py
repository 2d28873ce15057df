"""The small parts that keep one client from taking too much."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.bodies import check_text, clean
from adapters.web.errors import Refusal
from adapters.web.options import WebOptions
from adapters.web.rate import TokenBucket
from adapters.web.replies import message_key
from adapters.web.send_queue import JOINED_CHARACTERS, SendQueue


def test_a_bucket_allows_a_burst_and_then_a_steady_rate() -> None:
    now = 0.0
    bucket = TokenBucket(per_second=2, burst=3, clock=lambda: now)
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]
    now = 0.5
    assert bucket.take() == 0
    assert bucket.take() > 0
    now = 1000.0
    assert [bucket.take() > 0 for _ in range(4)] == [False, False, False, True]


async def test_a_full_queue_takes_nothing_more() -> None:
    queue = SendQueue(2)
    assert [queue.put({"type": "pong"}) for _ in range(3)] == [True, True, False]
    await queue.get()
    assert queue.put({"type": "pong"})


async def test_words_that_wait_are_joined_and_bounded() -> None:
    queue = SendQueue(2)
    for _ in range(3 * JOINED_CHARACTERS):
        assert queue.put({"type": "delta", "text": "x"})
    assert await queue.get() == {"type": "delta", "text": "x" * JOINED_CHARACTERS}


async def test_words_are_not_joined_over_another_event() -> None:
    queue = SendQueue(5)
    events = [{"type": "delta", "text": "a"}, {"type": "pong"}, {"type": "delta", "text": "b"}]
    for event in events:
        queue.put(event)
    assert [await queue.get() for _ in events] == events


async def test_there_is_room_once_the_last_event_is_sent() -> None:
    queue = SendQueue(5)
    queue.put({"type": "pong"})
    waiting = asyncio.create_task(queue.room())
    await queue.get()
    await asyncio.sleep(0)
    assert not waiting.done()
    sending = asyncio.create_task(queue.get())
    await asyncio.wait_for(waiting, 5)
    sending.cancel()


@given(st.text())
def test_cleaned_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\x00" not in once
    once.encode("utf-8")


@pytest.mark.parametrize(
    ("raw", "cleaned"), [(" a\r\nb\rc ", "a\nb\nc"), ("\x00\x07", ""), ("a\tb", "a\tb"), ("🙂", "🙂"), ("\ud800x", "x")]
)
def test_cleaning_keeps_what_people_write(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_a_text_has_a_least_and_a_most_length() -> None:
    check_text("x" * 400, 100)
    with pytest.raises(Refusal, match="empty"):
        check_text("", 100)
    with pytest.raises(Refusal, match="at most 100"):
        check_text("x" * 401, 100)


@given(st.tuples(st.text(), st.text(), st.text()), st.tuples(st.text(), st.text(), st.text()))
def test_keys_of_different_messages_differ(one: tuple[str, str, str], two: tuple[str, str, str]) -> None:
    assert (message_key(*one) == message_key(*two)) == (one == two)


def test_messages_without_an_id_have_keys_of_their_own() -> None:
    assert message_key("ann", "c", None) != message_key("ann", "c", None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_hosts_that_only_this_machine_can_reach(host: str) -> None:
    assert WebOptions(host=host).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "shop.example", ""])
def test_hosts_that_others_can_reach(host: str) -> None:
    assert not WebOptions(host=host).is_loopback
