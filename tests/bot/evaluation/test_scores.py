"""The figures of answers, on cases that can be computed by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from bot.evaluation.scores import auroc, calibration_error, exact_match, risk_coverage, token_f1


@pytest.mark.parametrize(
    ("answer", "gold", "f1"),
    [
        ("The 24 interceptions", "24 interceptions!", 1.0),
        ("24", "24 interceptions", 2 / 3),
        ("nothing alike", "24", 0.0),
        ("光荣和ω-force", "光荣和 ω force", 1.0),
        ("北京", "北京市", 0.8),
        ("", "", 1.0),
    ],
)
def test_f1_counts_words_and_chinese_characters(answer: str, gold: str, f1: float) -> None:
    assert token_f1(answer, gold) == pytest.approx(f1)
    assert token_f1(gold, answer) == pytest.approx(f1)


def test_exact_match_looks_past_case_articles_and_punctuation() -> None:
    assert exact_match("the Denver Broncos.", "Denver broncos")
    assert not exact_match("Denver", "Denver Broncos")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=2, max_size=40))
def test_auroc_agrees_with_scikit_learn(pairs: list[tuple[float, bool]]) -> None:
    scores, right = [score for score, _ in pairs], [is_right for _, is_right in pairs]
    if len(set(right)) < 2:
        assert math.isnan(auroc(scores, right))
    else:
        assert auroc(scores, right) == pytest.approx(roc_auc_score(right, scores))


def test_calibration_error_is_the_gap_between_said_and_true() -> None:
    assert calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0)
    assert calibration_error([0.95] * 2 + [0.05] * 2, [True, False, False, False]) == pytest.approx(0.25)
    assert math.isnan(calibration_error([], []))


def test_risk_falls_when_only_the_most_confident_are_answered() -> None:
    coverage, risk = risk_coverage([0.2, 0.9, 0.6], [False, True, True])

    assert coverage.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert risk.tolist() == pytest.approx([0, 0, 1 / 3])
