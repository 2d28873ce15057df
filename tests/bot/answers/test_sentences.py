"""Sentences are spans of the passage's own text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.sentences import split


def texts(passage: str) -> list[str]:
    return [passage[sentence.start : sentence.end] for sentence in split(passage)]


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        ("Parcels cost €3.50. Orders over 50.00 are free!", ["Parcels cost €3.50.", "Orders over 50.00 are free!"]),
        ("Small items, e.g. Books, go by post. Fine?", ["Small items, e.g. Books, go by post.", "Fine?"]),
        ("Dr. Smith is here. Call No. 5 first.", ["Dr. Smith is here.", "Call No. 5 first."]),
        ("We close at 5 p.m. Call before.", ["We close at 5 p.m.", "Call before."]),
        ("The U.S. Department agreed. It was late.", ["The U.S. Department agreed.", "It was late."]),
        ("He said “Go.” Then he left.", ["He said “Go.”", "Then he left."]),
        ("Version 2.0 is out. See a.b.c for more.", ["Version 2.0 is out.", "See a.b.c for more."]),
        ("支持七天退货。邮费由客户承担！怎么退？", ["支持七天退货。", "邮费由客户承担！", "怎么退？"]),
        ("他说：“可以。”然后走了。", ["他说：“可以。”", "然后走了。"]),
        ("满99.5元包邮。不满收10元。", ["满99.5元包邮。", "不满收10元。"]),
    ],
)
def test_sentences_end_where_a_reader_sees_an_end(passage: str, expected: list[str]) -> None:
    assert texts(passage) == expected


def test_a_wrapped_line_goes_on_with_its_sentence() -> None:
    passage = "Standard delivery takes three to five working days to all countries\nof the union. Express takes one."

    assert texts(passage)[1] == "Express takes one."
    assert texts(passage)[0].endswith("countries\nof the union.")


def test_items_stand_without_their_marker_and_know_their_lead_in() -> None:
    passage = (
        "To return an item:\n\n1. Log in.\n2. Print the label.\n- Keep the receipt.\n\nThat is all there is to it."
    )

    sentences = split(passage)

    assert texts(passage) == [
        "To return an item:",
        "Log in.",
        "Print the label.",
        "Keep the receipt.",
        "That is all there is to it.",
    ]
    assert [sentence.kind for sentence in sentences] == ["lead", "item", "item", "item", "sentence"]
    assert [sentence.lead for sentence in sentences] == [None, 0, 0, 0, None]


def test_rows_of_a_table_know_their_header() -> None:
    passage = "| Zone | Price |\n| --- | --- |\n| EU | 5 € |\n| US | 9 € |"

    assert [(sentence.kind, sentence.lead) for sentence in split(passage)] == [("row", None), ("row", 0), ("row", 0)]


def test_headings_and_questions_are_told_from_statements() -> None:
    passage = "## Returns\nHow long may I wait?\nYou may wait for thirty days."

    assert [sentence.kind for sentence in split(passage)] == ["heading", "question", "sentence"]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from('ab AB.!?。！？…\n-*|1、:："”’)(#\t '), max_size=120))
def test_spans_are_in_order_apart_and_hold_every_letter(passage: str) -> None:
    sentences = split(passage)

    ends = [0]
    for sentence in sentences:
        assert ends[-1] <= sentence.start < sentence.end <= len(passage)
        assert not passage[sentence.start].isspace()
        assert not passage[sentence.end - 1].isspace()
        ends.append(sentence.end)
    inside = "".join(passage[sentence.start : sentence.end] for sentence in sentences)
    assert sum(inside.count(letter) for letter in "AB") >= sum(passage.count(letter) for letter in "AB") - _markers(
        passage
    )


def _markers(passage: str) -> int:
    """Letters that may be list markers: `a.` or `b)` at the beginning of a line."""
    return sum(line.lstrip()[:1].isalpha() or line.lstrip()[:2] in ("(A", "(B") for line in passage.split("\n"))
