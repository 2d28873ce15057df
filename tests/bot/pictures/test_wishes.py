"""What is wanted, how many, and from which seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pictures.wishes import MOST, Wish, read


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("red dress", Wish("draw", "red dress")),
        ("red dress seed 7", Wish("draw", "red dress", seed=7)),
        ("seed: 12 red dress", Wish("draw", "red dress", seed=12)),
        ("红色连衣裙 种子 9", Wish("draw", "红色连衣裙", seed=9)),
        ("four red dresses", Wish("draw", "red dresses", count=4)),
        ("2 hats", Wish("draw", "hats", count=2)),
        ("三件红色连衣裙", Wish("draw", "件红色连衣裙", count=3)),
        ("4", Wish("four")),
        ("Four of them!", Wish("four")),
        ("again", Wish("again")),
        ("more like this", Wish("similar")),
        ("variations", Wish("vary")),
        ("变体", Wish("vary")),
        ("blend as a gif", Wish("blend", moving=True)),
        ("", Wish("draw")),
    ],
)
def test_a_wish_is_read(text: str, wish: Wish) -> None:
    assert read(text) == wish


def test_what_a_button_wants_stays_whatever_else_is_said() -> None:
    assert read("as a gif", "blend") == Wish("blend", moving=True)


@given(st.text(max_size=60))
def test_no_text_wants_more_than_a_reply_can_have(text: str) -> None:
    wish = read(text)
    assert 1 <= wish.count <= MOST
    assert wish.seed is None or 0 <= wish.seed < 2**62
