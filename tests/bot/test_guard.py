"""What the guard lets through, and which polite word the rest gets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guard import CUSTOMERS_REMEMBERED, Guard, clean
from bot.messages import Claim, Conversation, Message, Turn


def turn(*texts: str, customer: str = "ada") -> Turn:
    messages = tuple(Message(str(i), i, "user", text, datetime.now(UTC)) for i, text in enumerate(texts, 1))
    return Turn(Claim("c", "w", 1), Conversation("c", "web", "c", customer), messages)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  hello \t there ", "hello there"),
        ("one\r\ntwo\n\n\nthree", "one\ntwo\nthree"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("\u202eevil\u202c", "evil"),
        ("👩‍👩‍👧 ok", "👩‍👩‍👧 ok"),
        ("שלום", "שלום"),
        ("\x00\x01\x02", ""),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("texts", "objection"),
    [
        (["hello"], None),
        (["", "hello"], None),
        ([" \n "], "empty"),
        (["\x00\x07"], "empty"),
        (["x" * 101], "too_long"),
        (["short", "x" * 101], "too_long"),
        (["😀"], None),
    ],
)
def test_objections(texts: list[str], objection: str | None) -> None:
    assert Guard(message_characters=100, messages_per_minute=30).objection(turn(*texts)) == objection


def test_more_messages_than_allowed_in_a_minute_are_too_fast_until_the_minute_has_passed() -> None:
    now = 0.0
    guard = Guard(message_characters=100, messages_per_minute=3, clock=lambda: now)
    assert [guard.objection(turn("hi")) for _ in range(4)] == [None, None, None, "too_fast"]
    assert guard.objection(turn("hi", customer="bob")) is None
    now = 61.0
    assert guard.objection(turn("hi")) is None


def test_each_message_of_a_burst_counts() -> None:
    guard = Guard(message_characters=100, messages_per_minute=3)
    assert guard.objection(turn("a", "b", "c", "d")) == "too_fast"


def test_only_so_many_customers_are_remembered() -> None:
    guard = Guard(message_characters=100, messages_per_minute=1)
    for number in range(CUSTOMERS_REMEMBERED + 50):
        guard.objection(turn("hi", customer=str(number)))
    assert len(guard._recent) == CUSTOMERS_REMEMBERED
