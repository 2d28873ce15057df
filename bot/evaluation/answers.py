"""How good answers are on labelled questions (`parley evaluate answers`)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.answerer import Answer, Answerer
from bot.answers.checks import verified
from bot.evaluation.questions import LabelledQuestion
from bot.evaluation.scores import auroc, calibration_error, exact_match, risk_coverage, token_f1

RIGHT_F1 = 0.5
"""A question without labelled passages is answered rightly when the token F1 reaches this."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question and what became of it; `right` is whether its best answer is right, given or not."""

    question: LabelledQuestion
    answer: Answer
    right: bool
    f1: float | None
    text_f1: float | None
    exact: bool | None
    seconds: float


async def evaluate_answers(
    questions: Sequence[LabelledQuestion], answerer: Answerer, *, curve: Path | None = None
) -> dict[str, Any]:
    """The figures of all questions, asked one after the other; `curve` is where the risk-coverage PNG goes.

    Shares are from 0 to 1; a figure without any question that it is about is None.

    - `questions`, `answerable`: how many there are; `answered`: share of all questions that got an answer.
    - `recall@k`: share of the answerable questions with labelled passages for which one is among the first k found.
    - `right_passage`: of the answered answerable ones with labelled passages, share whose answer cites one of them.
    - `f1`, `exact`: token F1 and exact match with the nearest gold span, of the answered answerable ones that have
      spans; of the answer's point (the few words of a long answer that were asked for) if it has one, else of its text.
      `text_f1`: always of the whole text. `f1_all`, `exact_all`: as `f1` and `exact`, of all questions that have
      spans, where one that was declined counts 0.
    - `wrong_on_unanswerable`: share of the unanswerable questions that got an answer.
    - An answer is *right* when its question is answerable and it cites a labelled passage (without labelled
      passages: F1 of at least 0.5). `wrong_of_answered`: share of the answered that are not right.
      `auroc`: how well confidence separates right best answers from wrong ones, over all questions;
      `ece`: expected calibration error of confidence over all questions, ten bins.
    - `quotes_verified`: share of all quotes that stand letter for letter in their passage.
    - `seconds_per_question`: mean wall-clock time of an answer.
    """
    outcomes = [await _ask(question, answerer) for question in questions]
    if curve is not None:
        draw_risk_coverage(outcomes, curve)
    return figures(outcomes) | {"threshold": answerer.threshold}


async def _ask(question: LabelledQuestion, answerer: Answerer) -> Outcome:
    started = time.perf_counter()
    answer = await answerer.answer(question.query)
    return outcome(question, answer, time.perf_counter() - started)


def outcome(question: LabelledQuestion, answer: Answer, seconds: float = 0.0) -> Outcome:
    """Compares an answer with its question's labels."""
    has_spans = question.answerable and bool(question.answers)
    short = answer.point or answer.text
    f1 = max(token_f1(short, span) for span in question.answers) if has_spans else None
    text_f1 = max(token_f1(answer.text, span) for span in question.answers) if has_spans else None
    exact = any(exact_match(short, span) for span in question.answers) if has_spans else None
    cited = {citation.passage_id for citation in answer.citations}
    right = bool(cited & question.knowledge) if question.knowledge else (f1 or 0.0) >= RIGHT_F1
    return Outcome(question, answer, question.answerable and right, f1, text_f1, exact, seconds)


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What `evaluate_answers` describes."""
    answerable = [one for one in outcomes if one.question.answerable]
    answered = [one for one in outcomes if one.answer.answered]
    labelled = [one for one in answerable if one.question.knowledge]
    spans = [one for one in answerable if one.f1 is not None]
    confidences, right = [one.answer.confidence for one in outcomes], [one.right for one in outcomes]
    return {
        "questions": len(outcomes),
        "answerable": len(answerable),
        "recall@1": _mean([_found(one, 1) for one in labelled]),
        "recall@5": _mean([_found(one, 5) for one in labelled]),
        "recall@20": _mean([_found(one, 20) for one in labelled]),
        "answered": _mean([one.answer.answered for one in outcomes]),
        "right_passage": _mean([one.right for one in labelled if one.answer.answered]),
        "f1": _mean([one.f1 or 0.0 for one in spans if one.answer.answered]),
        "text_f1": _mean([one.text_f1 or 0.0 for one in spans if one.answer.answered]),
        "exact": _mean([bool(one.exact) for one in spans if one.answer.answered]),
        "f1_all": _mean([(one.f1 or 0.0) * one.answer.answered for one in spans]),
        "exact_all": _mean([bool(one.exact) and one.answer.answered for one in spans]),
        "wrong_of_answered": _mean([not one.right for one in answered]),
        "wrong_on_unanswerable": _mean([one.answer.answered for one in outcomes if not one.question.answerable]),
        "auroc": _number(auroc(confidences, right)),
        "ece": _number(calibration_error(confidences, right)),
        "quotes_verified": _mean([stands for one in outcomes for stands in _quotes(one)]),
        "seconds_per_question": _mean([one.seconds for one in outcomes]),
    }


def _found(one: Outcome, k: int) -> bool:
    return any(item.passage.id in one.question.knowledge for item in one.answer.evidence[:k])


def _quotes(one: Outcome) -> list[bool]:
    passages = {item.passage.id: item.passage for item in one.answer.evidence}
    return [
        citation.passage_id in passages and verified(citation, passages[citation.passage_id])
        for citation in one.answer.citations
    ]


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)


def draw_risk_coverage(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draws the share of wrong answers over the share of questions that are answered, with today's threshold."""
    coverage, risk = risk_coverage([one.answer.confidence for one in outcomes], [one.right for one in outcomes])
    answered = float(np.mean([one.answer.answered for one in outcomes]))
    draw_curve(coverage, risk, answered, path)


def draw_curve(coverage: NDArray[np.float64], risk: NDArray[np.float64], answered: float, path: Path) -> None:
    """Writes the PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlabel="questions answered", ylabel="wrong among the answered", xlim=(0, 1), ylim=(0, 1))
    axes.plot(coverage, risk, label="most confident first")
    axes.axvline(answered, linestyle="--", color="grey", label=f"threshold: {answered:.0%} answered")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
