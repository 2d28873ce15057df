"""Titles that are offered instead of an answer."""

from __future__ import annotations

import pytest

from bot.answers.titles import nearest, short_title
from bot.messages import Passage, Query


def passage(title: str, language: str = "") -> Passage:
    return Passage(title or "untitled", title, "Some text.", "file.md", language=language)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Shipping and delivery › How long does delivery take?", "How long does delivery take?"),
        ("Help › Shop › Opening hours", "Opening hours"),
        ("Privacy and your data › Cookies", "Privacy and your data › Cookies"),
        ("配送与运费 › 加急配送", "加急配送"),
        ("配送与运费 › 加急", "配送与运费 › 加急"),
        ("Do you gift wrap?", "Do you gift wrap?"),
        ("FAQ", "FAQ"),
    ],
)
def test_the_last_heading_is_shown_when_it_says_enough_alone(title: str, shown: str) -> None:
    assert short_title(title) == shown


def test_at_most_so_many_different_titles_are_offered_best_first() -> None:
    found = [
        passage(title) for title in ("", "A › Gift cards", "B › Gift cards", "Store hours", "Late parcels", "Jobs")
    ]

    assert nearest(Query("hello there"), found, 3) == ("Gift cards", "Store hours", "Late parcels")


def test_titles_in_the_language_of_the_question_go_alone() -> None:
    found = [passage("Versandkosten heute", "de"), passage("运费是多少钱？", "zh"), passage("Shipping costs", "en")]

    assert nearest(Query("运费", language="zh"), found, 3) == ("运费是多少钱？",)
    assert nearest(Query("shipping", language="en"), found, 3) == ("Shipping costs",)
    assert nearest(Query("運費"), [passage("Shipping costs"), passage("运费是多少钱？")], 3) == ("运费是多少钱？",)


def test_titles_in_another_language_are_better_than_none() -> None:
    assert nearest(Query("运费", language="zh"), [passage("Shipping costs", "en")], 3) == ("Shipping costs",)
