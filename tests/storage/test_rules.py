"""Which messages one reply answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Attachment, Message
from storage.working.rules import Rules

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
RULES = Rules(timedelta(seconds=30), timedelta(seconds=0.3), frozenset({"api"}), queue_limit=100, history=10)


def turns(texts: list[str]) -> list[list[str]]:
    """The texts as they are answered, turn by turn."""
    left = [Message(str(number), number, "user", text, NOON) for number, text in enumerate(texts, 1)]
    found = []
    while left:
        together = RULES.together(left)
        found.append([message.text for message in together])
        left = left[len(together) :]
    return found


@given(st.lists(st.sampled_from(["hello", "/help", "", " /why", "and/or", "/"]), max_size=12))
def test_every_message_is_answered_in_its_order_and_commands_alone(texts: list[str]) -> None:
    found = turns(texts)
    assert [text for turn in found for text in turn] == texts
    for turn in found:
        assert len(turn) == 1 or not any(text.lstrip().startswith("/") for text in turn)


def test_the_photos_of_an_album_belong_to_the_command_above_them() -> None:
    photo = (Attachment("image", "file:f_1", "image/jpeg"),)
    captioned = Message("1", 1, "user", "/image", NOON, attachments=photo)
    silent = Message("2", 2, "user", "", NOON, attachments=photo)
    said = Message("3", 3, "user", "And now?", NOON)
    assert RULES.together([captioned, silent, silent, said]) == (captioned, silent, silent)
    assert RULES.together([said, captioned, silent]) == (said,)
    assert RULES.together([captioned, said, silent]) == (captioned,)


def test_words_between_commands_stay_together() -> None:
    assert turns(["a", "b", "/help", "c", "d"]) == [["a", "b"], ["/help"], ["c", "d"]]


@given(
    st.sampled_from(["api", "web"]),
    st.floats(0, 100),
    st.floats(0, 100),
    st.none() | st.floats(0, 100),
)
def test_a_burst_settles_after_its_last_message_and_never_before_an_album_does(
    channel: str, first: float, longer: float, album: float | None
) -> None:
    latest = NOON + timedelta(seconds=first + longer)
    settles_at = None if album is None else NOON + timedelta(seconds=album)
    settled = RULES.settled(channel, NOON + timedelta(seconds=first), latest, settles_at)
    assert settles_at is None or settled >= settles_at
    assert settled <= max(latest + RULES.window, settles_at or latest)
    assert RULES.settled("api", NOON, latest) == latest
