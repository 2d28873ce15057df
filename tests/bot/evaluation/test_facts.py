"""The measure of what is known of customers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.evaluation.facts import LABELLED, Counts, evaluate_facts
from bot.evaluation.json_lines import read
from bot.messages import FactKind, NewFact


def fact(kind: FactKind, value: str) -> NewFact:
    return NewFact(kind, value, "m", value)


def test_the_built_in_half_that_no_rule_was_written_on_is_read_as_wanted() -> None:
    figures = evaluate_facts()
    assert figures["messages"] >= 300
    assert figures["measured_precision"] >= 0.95
    assert figures["measured_recall"] >= 0.8
    assert figures["misled"] <= 0.05
    assert figures["quotes_verified"] == 1


def test_the_labelled_messages_are_of_both_languages_and_in_large_part_misleading() -> None:
    rows = [row for _, row in read(LABELLED)]
    assert len({row["text"] for row in rows}) == len(rows)
    for language in ("en", "zh"):
        mine = [row for row in rows if row["lang"] == language]
        assert len(mine) >= 100
        assert sum(row["about"] not in ("plain", "none") for row in mine) >= 0.3 * len(mine)


def test_a_labelled_fact_can_be_found_once_and_what_is_not_labelled_is_wrong() -> None:
    counts = Counts()
    labels = [{"kind": "order", "value": "#10-443"}, {"kind": "name", "value": "Vera"}]
    counts.add(labels, [fact("order", "10443"), fact("order", "10443"), fact("product", "Vera")])
    assert (counts.right, counts.wrong, counts.missing) == (1, 2, 1)


def test_in_free_words_most_of_the_words_are_enough() -> None:
    counts = Counts()
    counts.add([{"kind": "product", "value": "Nordwind parka"}], [fact("product", "green Nordwind parka")])
    counts.add([{"kind": "product", "value": "Nordwind parka"}], [fact("product", "parka of my dear old friend")])
    assert (counts.right, counts.wrong, counts.missing) == (1, 1, 1)


def test_a_file_of_ones_own_needs_no_halves(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    rows = [{"text": "I'm Vera.", "facts": [{"kind": "name", "value": "Vera"}]}, {"text": "hello"}]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    figures = evaluate_facts(file)
    assert (figures["precision"], figures["recall"]) == (1, 1)
    assert "measured_precision" not in figures


def test_a_row_without_a_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"facts": []}', "utf-8")
    with pytest.raises(UsageError, match="line 1"):
        evaluate_facts(file)
