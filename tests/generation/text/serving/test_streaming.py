from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.text.layout import Layout
from generation.text.serving.streaming import TextStream
from generation.text.tokenizer import train_tokenizer
from tests.generation.text.conftest import TEXTS

LAYOUT = Layout(train_tokenizer(TEXTS, 400), 64)


def stream(text: str, *stop: str) -> list[str]:
    made = TextStream(LAYOUT.tokenizer, stop)
    return [*(made.push(token) for token in LAYOUT.encode(text)), made.flush()]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_pieces_are_whole_characters_and_add_up(text: str) -> None:
    pieces = stream(text)
    assert "".join(pieces) == text.replace("\ufffd", "").lstrip()


def test_bytes_that_make_no_character_are_left_out() -> None:
    flamingo = LAYOUT.encode("🦩")
    made = TextStream(LAYOUT.tokenizer)
    shown = [made.push(token) for token in (*flamingo[:2], *LAYOUT.encode("a"), *flamingo, *flamingo[:1])]
    assert "".join(shown) + made.flush() == "a🦩"


def test_an_emoji_comes_in_one_piece() -> None:
    assert len(LAYOUT.encode("🦩")) > 1
    assert [piece for piece in stream("a🦩b") if piece] == ["a", "🦩", "b"]


@pytest.mark.parametrize("stop", ["User:", "\nUser:"])
def test_nothing_of_a_stop_string_is_shown(stop: str) -> None:
    pieces = stream(f"All is well. {stop} and more", stop)
    assert "".join(pieces) == "All is well. "


def test_what_only_looked_like_a_stop_string_is_shown_after_all() -> None:
    assert "".join(stream("Use it, User! Us", "User:")) == "Use it, User! Us"
