"""Facts come in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.facts import Fact, facts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000 dollars", "$1000"),
        ("€4.90", "4.90 euros"),
        ("４５ 天", "45天"),
        ("三十天", "30天"),
        ("二〇一九年", "2019年"),
        ("twelve weeks", "12 weeks"),
        ("3 million people", "3000000 people"),
        ("20 percent", "20%"),
        ("May 5", "May 5"),
        ("2024-05-03", "2024-5-3"),
    ],
)
def test_spellings_of_the_same_fact_are_equal(one: str, other: str) -> None:
    assert facts(one) == facts(other) != []


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Write to Help@Shop.example now", Fact("email", "help@shop.example")),
        ("See https://shop.example/a?b=1.", Fact("url", "https://shop.example/a?b=1")),
        ("We know Anna well", Fact("name", "anna")),
        ("他演了《红楼梦》", Fact("title", "红楼梦")),
        ("on 24 December", Fact("month", "12")),
        ("within 14 working days", Fact("number", "14", "day")),
        ("二十五元", Fact("number", "25", "¥")),
    ],
)
def test_what_counts_as_a_fact(text: str, fact: Fact) -> None:
    assert fact in facts(text)


def test_words_that_open_a_sentence_are_told_from_names() -> None:
    assert facts("Delivery is fast. The parcel comes.") == [Fact("first word", "delivery")]


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_a_number_with_separators_is_the_same_number(number: int) -> None:
    assert facts(f"{number:,}") == facts(str(number))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    facts(text)
