"""Fitting confidence: what is drawn, what is learned, what is written."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.answers import confidence
from bot.answers.selection import FEATURES, Selector
from bot.errors import ModelError
from bot.evaluation.cloze import attributes, clozes
from bot.evaluation.entries import places, reworded
from bot.evaluation.gate import Row, choose_threshold, expecting, fit_gate, probabilities, report
from bot.evaluation.scores import auroc, calibration_error
from bot.messages import Passage

SELECTOR = Selector(dict.fromkeys(FEATURES, 0.0), 0.5)


def rows(name: str, count: int, seed: int) -> list[Row]:
    """Rows that are right as often as their first feature says."""
    draw = np.random.default_rng(seed)
    values = draw.random((count, len(confidence.FEATURES)))
    right = draw.random(count) < values[:, 0]
    return [Row(name, tuple(row), bool(is_right)) for row, is_right in zip(values.tolist(), right, strict=True)]


def test_the_fitted_probability_is_a_probability() -> None:
    gate = fit_gate(rows("a", 2000, 1), SELECTOR, 0)
    held_out = rows("a", 2000, 2)

    found, right = probabilities(gate, held_out), [row.right for row in held_out]

    assert auroc(found, right) > 0.75
    assert calibration_error(found, right) < 0.06


def test_a_report_has_figures_of_each_set() -> None:
    seen, held_out = rows("a", 300, 1) + rows("b", 300, 2), rows("a", 200, 3) + rows("b", 200, 4)

    found = report(seen, held_out, fit_gate(seen, SELECTOR, 0), 0)

    assert set(found["sets"]) == {"a", "b"}
    assert found["questions"] == 400
    assert found["sets"]["a"]["cross_auroc"] > 0.6


def test_the_threshold_keeps_the_wanted_error() -> None:
    confidences, right = [0.9, 0.8, 0.7, 0.6, 0.5], [True, True, False, True, False]

    assert choose_threshold(confidences, right, 0.0) == 0.8
    assert choose_threshold(confidences, right, 0.25) == 0.6
    assert choose_threshold(confidences, right, 0.5) == 0.5
    assert choose_threshold([0.9], [False], 0.1) == 1.0


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    gate = fit_gate(rows("a", 200, 1), SELECTOR, 0)
    gate.save(tmp_path / "gate.json")

    loaded = confidence.load(tmp_path / "gate.json")

    assert loaded.selector == gate.selector
    assert probabilities(loaded, rows("a", 20, 2)) == pytest.approx(probabilities(gate, rows("a", 20, 2)), abs=1e-3)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"network": {"features": []}}'])
def test_a_damaged_gate_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "gate.json"
    file.write_text(content)

    with pytest.raises(ModelError, match=r"gate\.json is not a usable gate"):
        confidence.load(file)


def test_clozes_ask_for_a_sentence_of_their_passage() -> None:
    passages = [
        Passage("en", "Post", "Standard parcels to the whole of Europe arrive within 3 to 5 working days.", "x"),
        Passage("zh", "邮寄", "寄往欧洲各国的标准包裹一般在三到五个工作日之内送到客户手中。", "x"),
        Passage("short", "Post", "Too short.", "x"),
    ]

    found = list(clozes(passages, random.Random(1)))

    assert [question.knowledge for question in found] == [{"en"}, {"zh"}]
    assert all(question.answers[0] in passage.text for question, passage in zip(found, passages, strict=False))
    assert all(question.query.text.endswith(("?", "？")) for question in found)


def test_attributes_are_asked_for_by_name() -> None:
    passage = Passage("p", "返老还童", "返老还童（2008年电影），导演：大卫·芬奇", "x")

    (question,) = attributes([passage], random.Random(1))

    assert "返老还童" in question.query.text
    assert "导演" in question.query.text
    assert "芬奇" not in question.query.text


def test_half_of_a_place_is_taken_out_before_it_is_asked() -> None:
    entries = [Passage(f"p{n}", f"INN - Is there a thing number {n}?", f"Yes, thing {n}.", "x") for n in range(10)]

    (case,) = places(entries, random.Random(1), 120)

    kept = {passage.id for passage in case.passages}
    assert len(kept) == 5
    assert all(question.knowledge <= kept for question in case.questions)
    assert sum(question.answerable for question in case.questions) == 5


def test_a_reworded_question_is_never_empty() -> None:
    for seed in range(50):
        assert reworded("Is it?", "", random.Random(seed))


def test_a_gate_for_easier_questions_is_surer_and_answers_the_same_ones() -> None:
    seen = rows("a", 1000, 1)
    gate = replace(fit_gate(seen, SELECTOR, 0), threshold=0.5)

    surer = expecting(0.9, gate, seen)

    before, after = probabilities(gate, seen), probabilities(surer, seen)
    assert all(new > old for old, new in zip(before, after, strict=True))
    clear = [
        (old > 0.5, new > surer.threshold) for old, new in zip(before, after, strict=True) if abs(old - 0.5) > 0.01
    ]
    assert all(was == still for was, still in clear)


def test_a_gate_that_answers_nothing_goes_on_answering_nothing() -> None:
    seen = rows("a", 300, 1)
    assert expecting(0.9, replace(fit_gate(seen, SELECTOR, 0), threshold=1.0), seen).threshold == 1.0
