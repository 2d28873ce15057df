"""`parley evaluate intents`: which rows are learned and tested, and what the figures mean."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.evaluation.intents import LabelledText, evaluate_intents, read_intents

WORDS = {
    "shipping": ["ship it to {}", "delivery to {}", "how long is shipping to {}", "send the parcel to {}"],
    "refund": ["refund for {}", "money back for {}", "I want my money for {}", "pay me back for {}"],
    "login": ["log in at {}", "password of {}", "forgot the login for {}", "reset the password for {}"],
}
PLACES = ["Rome", "Oslo", "Paris", "Kyoto", "Lima"]


def rows(split: str, places: list[str], domain: str = "") -> list[LabelledText]:
    return [
        LabelledText(pattern.format(place), label, split, domain)
        for label, patterns in WORDS.items()
        for pattern in patterns
        for place in places
    ]


def strange(split: str, domain: str = "") -> list[LabelledText]:
    return [LabelledText(text, "oos", split, domain) for text in ("play jazz", "what a sunny day", "sing", "qwertz")]


def test_a_clear_case_gets_clear_figures() -> None:
    figures = evaluate_intents([*rows("test", ["Bonn"]), *strange("test")], rows("train", PLACES))
    assert figures["rows"] == 16
    assert figures["out_of_scope_rows"] == 4
    assert figures["accuracy"] == 1
    assert figures["oos_auroc"] == 1
    assert figures["oos_recall"] == 1
    assert figures["in_scope_recall"] > 0.5
    assert figures["accuracy_answered"] == figures["in_scope_recall"]


def test_without_rows_out_of_scope_their_figures_are_missing() -> None:
    figures = evaluate_intents(rows("test", ["Bonn"]), rows("train", PLACES))
    assert figures["oos_auroc"] is None
    assert figures["oos_recall"] is None
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_wrong_labels_lower_the_accuracy() -> None:
    wrong = [LabelledText(row.text, "refund", "test") for row in rows("test", ["Bonn"])]
    assert math.isclose(evaluate_intents(wrong, rows("train", PLACES))["accuracy"], 1 / 3)


def test_one_file_may_hold_what_is_learned_and_what_is_tested() -> None:
    both = [*rows("train", PLACES), *rows("valid", ["Bonn"])]
    figures = evaluate_intents(both, both)
    assert (figures["rows"], figures["training_rows"]) == (12, 60)


def test_validation_rows_are_learned_from_when_others_are_tested() -> None:
    figures = evaluate_intents(rows("test", ["Bonn"]), [*rows("train", PLACES), *rows("valid", ["Ghent"])])
    assert figures["training_rows"] == 72


def test_domains_whose_labels_recur_are_tasks_of_their_own() -> None:
    swapped = {"shipping": "refund", "refund": "login", "login": "shipping"}
    train = rows("train", PLACES, "here")
    train += [LabelledText(row.text, swapped[row.label], "train", "there") for row in rows("train", PLACES)]
    test = rows("test", ["Bonn"], "here")
    test += [LabelledText(row.text, swapped[row.label], "test", "there") for row in rows("test", ["Bonn"])]
    figures = evaluate_intents([*test, *strange("test", "here")], train)
    assert figures["tasks"] == 2
    assert figures["accuracy"] == 1
    assert figures["oos_auroc"] == 1


def test_domains_with_labels_of_their_own_are_one_task() -> None:
    train = [LabelledText(row.text, row.label, "train", row.label) for row in rows("train", PLACES)]
    assert evaluate_intents(rows("test", ["Bonn"]), train)["tasks"] == 1


def test_a_row_of_several_topics_is_right_with_any_of_them() -> None:
    test = [LabelledText("ship it to Bonn", "shipping|refund", "test")]
    assert evaluate_intents(test, rows("train", PLACES))["accuracy"] == 1


@pytest.mark.parametrize("compressed", [False, True])
def test_files_are_read_with_both_names_of_what_is_out_of_scope(tmp_path: Path, compressed: bool) -> None:
    lines = (
        '{"text": "hi", "label": "greet", "split": "train"}\n\n{"text": "x", "label": "outofdomain", "domain": "d"}\n'
    )
    path = tmp_path / ("rows.jsonl.gz" if compressed else "rows.jsonl")
    path.write_bytes(gzip.compress(lines.encode()) if compressed else lines.encode())
    assert read_intents(path) == [LabelledText("hi", "greet", "train"), LabelledText("x", "oos", "", "d")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"text": "a", "label": "b"}\nnot json\n', "line 2: this is not JSON"),
        (b'{"text": "a"}\n', "line 1: `label` must be a text"),
        (b'{"text": 3, "label": "b"}\n', "line 1: `text` must be a text"),
        (b"[1]\n", "line 1: must be a JSON object"),
        (b"\xff\xfe\n", "cannot be read"),
        (b"\n", "has no rows"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message) as caught:
        read_intents(path)
    assert str(path) in str(caught.value)
