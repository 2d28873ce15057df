"""Fits sentence selection and confidence on labelled questions (`parley train gate`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers import confidence, rarity, selection
from bot.answers.confidence import Gate
from bot.answers.question import Reader
from bot.answers.selection import Selector
from bot.evaluation.gate_data import Case, cases
from bot.evaluation.questions import LabelledQuestion
from bot.evaluation.scores import auroc, calibration_error, risk_coverage
from bot.messages import Evidence, Passage
from bot.protocols import Embedder, Retriever

_FOUND = 20
_SLACK = 0.4
_WITH_SENTENCES = ("doc2dial", "cloze")
"""Sets whose gold spans tell which sentence answers."""

Index = Callable[[Sequence[Passage]], Awaitable[Retriever]]
"""Makes a retriever over passages."""


Weights = tuple[Mapping[str, float], float]
"""Weights by feature, and the bias."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question of a case and what the retriever found for it."""

    name: str
    question: LabelledQuestion
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The features of a question's best answer, and whether it is right."""

    name: str
    features: tuple[float, ...]
    right: bool


async def train_gate(
    data: Path,
    index: Index,
    embedder: Embedder | None = None,
    *,
    wanted_error: float = 0.2,
    scale: float = 1.0,
    seed: int = 0,
) -> tuple[Gate, dict[str, Any]]:
    """A gate fitted on the train parts below `data`, and its figures on the valid parts.

    `wanted_error` is the share of wrong answers, among those given, that sets the threshold; `scale` multiplies
    the number of questions. The figures are those of `report`, and for each set `cross_auroc`: that of a gate
    fitted on the other sets alone.
    """
    train = await find(cases(data, "train", seed, scale), index)
    valid = await find(cases(data, "valid", seed, scale), index)
    selector = fit_selector(train, Reader(rarity.load(), embedder))
    rows = confidence_rows(train, selector, Reader(rarity.load(), embedder))
    held_out = confidence_rows(valid, selector, Reader(rarity.load(), embedder))
    weights = fit_weights(rows)
    threshold = choose_threshold(_probabilities(rows, weights), [row.right for row in rows], wanted_error)
    return Gate(*weights, threshold, selector, wanted_error), report(rows, held_out, weights, threshold)


async def find(of: Sequence[Case], index: Index) -> list[Found]:
    """Searches every question of every case."""
    found = []
    for case in of:
        retriever = await index(case.passages)
        for question in case.questions:
            found.append(Found(case.name, question, tuple(await retriever.search(question.query, _FOUND))))
    return found


def fit_selector(found: Sequence[Found], reader: Reader) -> Selector:
    """Weights that tell the sentences that answer (they share most of a gold span) from the others read."""
    matrices, labels = [], []
    for item in found:
        if not item.question.answerable or item.question.source not in _WITH_SENTENCES:
            continue
        question = reader.question(item.question.query)
        read = selection.sentence_features(question, item.evidence, reader)
        answering = [
            reading.passage.id in item.question.knowledge and _answers(reading.text(number), item.question)
            for _, reading, _ in read
            for number in range(len(reading.sentences))
        ]
        if any(answering):
            matrices.append(np.concatenate([matrix for _, _, matrix in read]))
            labels.extend(answering)
    weights, _ = _logistic(np.concatenate(matrices), np.array(labels))
    return Selector(dict(zip(selection.FEATURES, weights, strict=True)), _SLACK)


def _answers(sentence: str, question: LabelledQuestion) -> bool:
    """Whether a sentence is a good part of a gold span, or the other way round."""
    plain = " ".join(sentence.split())
    spans = [" ".join(span.split()) for span in question.answers]
    return len(plain) > 15 and any(
        plain in span or span in plain or plain[:40] in span or span[:40] in plain for span in spans
    )


def confidence_rows(found: Sequence[Found], selector: Selector, reader: Reader) -> list[Row]:
    """A row for each question for which anything was found."""
    rows = []
    for item in found:
        question = reader.question(item.question.query)
        candidates = selector.candidates(question, item.evidence, reader)
        if candidates:
            features = confidence.features(question, item.evidence, candidates, reader)
            right = item.question.answerable and candidates[0].reading.passage.id in item.question.knowledge
            rows.append(Row(item.name, tuple(features[name] for name in confidence.FEATURES), right))
    return rows


def fit_weights(rows: Sequence[Row]) -> Weights:
    """Weights of the confidence features, and the bias."""
    weights, bias = _logistic(np.array([row.features for row in rows]), np.array([row.right for row in rows]))
    return dict(zip(confidence.FEATURES, weights, strict=True)), bias


def _logistic(matrix: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[list[float], float]:
    """Logistic regression on features of equal spread: the weights of the raw features, and the bias."""
    from sklearn.linear_model import LogisticRegression

    spread = matrix.std(axis=0)
    spread[spread < 1e-6] = 1.0
    model = LogisticRegression(C=1.0, max_iter=3000).fit(matrix / spread, labels)
    return [round(float(weight), 4) for weight in model.coef_[0] / spread], round(float(model.intercept_[0]), 4)


def choose_threshold(probabilities: Sequence[float], right: Sequence[bool], wanted_error: float) -> float:
    """The least confidence at which the share of wrong ones among the answered is as wanted."""
    _, risk = risk_coverage(probabilities, right)
    good = np.flatnonzero(risk <= wanted_error)
    ordered = sorted(probabilities, reverse=True)
    return round(float(ordered[int(good[-1])]), 4) if len(good) else 1.0


def report(rows: Sequence[Row], held_out: Sequence[Row], weights: Weights, threshold: float) -> dict[str, Any]:
    """Figures of held-out rows together, and set by set."""
    sets: dict[str, Any] = {}
    for name in sorted({row.name for row in held_out}):
        own = [row for row in held_out if row.name == name]
        foreign = fit_weights([row for row in rows if row.name != name])
        sets[name] = _figures(own, weights, threshold) | {"cross_auroc": _auroc(own, foreign)}
    return _figures(held_out, weights, threshold) | {"threshold": threshold, "sets": sets}


def _figures(rows: Sequence[Row], weights: Weights, threshold: float) -> dict[str, Any]:
    probabilities, right = _probabilities(rows, weights), [row.right for row in rows]
    answered = [
        is_right for probability, is_right in zip(probabilities, right, strict=True) if probability >= threshold
    ]
    return {
        "questions": len(rows),
        "right": round(float(np.mean(right)), 4),
        "auroc": _auroc(rows, weights),
        "ece": round(calibration_error(probabilities, right), 4),
        "answered": round(len(answered) / len(rows), 4),
        "wrong_of_answered": round(1 - float(np.mean(answered)), 4) if answered else None,
    }


def _probabilities(rows: Sequence[Row], weights: Weights) -> list[float]:
    gate = Gate(*weights, 0.0, Selector({}, 0.0), 0.0)
    return [gate.probability(dict(zip(confidence.FEATURES, row.features, strict=True))) for row in rows]


def _auroc(rows: Sequence[Row], weights: Weights) -> float | None:
    value = auroc(_probabilities(rows, weights), [row.right for row in rows])
    return None if np.isnan(value) else round(value, 4)
