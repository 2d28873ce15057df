"""Fits sentence selection and confidence on labelled questions (`parley train gate`)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers import confidence, rarity, selection
from bot.answers.confidence import Gate
from bot.answers.question import Reader
from bot.answers.selection import Selector
from bot.evaluation.case import Case
from bot.evaluation.gate_data import HELP_CENTRES, cases
from bot.evaluation.questions import LabelledQuestion
from bot.evaluation.scores import auroc, calibration_error, risk_coverage
from bot.knowledge.ranking import Network
from bot.messages import Evidence, Passage
from bot.protocols import Embedder, Retriever

_FOUND = 20
_SLACK = 0.4
_UNITS = 8
_DECAY = 1.0
_VALID_WEIGHT = 2
_EXPECTED_RIGHT = 0.6
"""In use the documents answer most questions; in the fit, half of them were taken out on purpose."""
_WITH_SENTENCES = ("doc2dial", "cloze")
"""Sets whose gold spans tell which sentence answers."""

Index = Callable[[Sequence[Passage]], Awaitable[Retriever]]
"""Makes a retriever over passages."""


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
    wanted_error: float = 0.23,
    scale: float = 1.0,
    seed: int = 0,
) -> tuple[Gate, dict[str, Any]]:
    """A gate fitted on the public sets below `data`, and figures of what it is worth.

    `wanted_error` is the share of wrong answers, among those given, that sets the threshold; `scale` multiplies
    the number of questions. The figures are those of a gate that has seen the train parts alone, on the valid
    parts; `cross_auroc` is that of a gate that has not seen the set at all. The gate that is returned has seen
    both parts: a ranker that was fitted on the train parts makes them look easier than new questions are.
    """
    train = await find(cases(data, "train", seed, scale), index)
    valid = await find(cases(data, "valid", seed, scale), index)
    # Half of the rows know no vectors, for languages that the embedder does not rank.
    readers = [Reader(rarity.load(), embedder), *([Reader(rarity.load())] if embedder else [])]
    selector = fit_selector(train, readers[0])
    seen = [row for reader in readers for row in confidence_rows(train, selector, reader)]
    new = [row for reader in readers for row in confidence_rows(valid, selector, reader)]
    held_out = new[: len(new) // len(readers)]
    honest = fit_gate(seen, selector, seed)
    balanced = _balanced(held_out)
    threshold = choose_threshold(probabilities(honest, balanced), [row.right for row in balanced], wanted_error)
    rows = [*seen, *new * _VALID_WEIGHT]
    gate = replace(fit_gate(rows, selector, seed), threshold=threshold, wanted_error=wanted_error)
    return expecting(_EXPECTED_RIGHT, gate, rows), report(seen, held_out, replace(honest, threshold=threshold), seed)


def expecting(share: float, gate: Gate, rows: Sequence[Row]) -> Gate:
    """The gate for questions of which so many are answered rightly, rather than as few as in the rows.

    The logits move by the difference of the prior log-odds (Saerens et al., "Adjusting the Outputs of a
    Classifier to New a Priori Probabilities", 2002), the threshold with them: the same questions are answered.
    """
    shift = _logit(share) - _logit(float(np.mean([row.right for row in _balanced(rows)])))
    threshold = 1 / (1 + math.exp(-(_logit(gate.threshold) + shift)))
    return replace(gate, bias=round(gate.bias + shift, 5), threshold=round(threshold, 4))


def _logit(share: float) -> float:
    within = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(within / (1 - within))


async def find(of: Sequence[Case], index: Index) -> list[Found]:
    """Searches every question of every case, on its own and after the turns before it, as the answerer does."""
    found = []
    for case in of:
        retriever = await index(case.passages)
        for question in case.questions:
            alone = replace(question.query, history=())
            for query in dict.fromkeys((alone, question.query)):
                asked = replace(question, query=query)
                found.append(Found(case.name, asked, tuple(await retriever.search(query, _FOUND))))
    return found


def fit_selector(found: Sequence[Found], reader: Reader) -> Selector:
    """Weights that tell the sentences that answer from the others read.

    Where gold spans are known, sentences that share most of one answer. The help centres tell the passage only: of
    it, the sentence that the other sets' weights prefer (Dietterich et al., "Solving the Multiple Instance Problem
    with Axis-Parallel Rectangles", 1997).
    """
    known = [item for item in found if item.question.answerable]
    marked = [_sentences(item, reader) for item in known if item.question.source in _WITH_SENTENCES]
    first = _selector(marked)
    guessed = [_sentences(item, reader, first) for item in known if item.name == HELP_CENTRES]
    return _selector([*marked, *guessed * _repeats(len(marked), len(guessed))])


def _selector(sentences: Sequence[tuple[NDArray[np.float64], list[bool]]]) -> Selector:
    useful = [(matrix, answering) for matrix, answering in sentences if any(answering)]
    weights = _logistic(
        np.concatenate([matrix for matrix, _ in useful]),
        np.array([is_right for _, answering in useful for is_right in answering]),
    )
    return Selector(dict(zip(selection.FEATURES, weights, strict=True)), _SLACK)


def _sentences(item: Found, reader: Reader, selector: Selector | None = None) -> tuple[NDArray[np.float64], list[bool]]:
    """The features of all sentences read for a question, and which of them answer: by its spans, or a selector."""
    question = reader.question(item.question.query)
    read = selection.sentence_features(question, item.evidence, reader)
    preferred = {
        candidate.reading.passage.id: candidate.best
        for candidate in (selector.candidates(question, item.evidence, reader) if selector else ())
    }
    answering = [
        reading.passage.id in item.question.knowledge
        and (number == preferred[reading.passage.id] if selector else _answers(reading.text(number), item.question))
        for _, reading, _ in read
        for number in range(len(reading.sentences))
    ]
    matrices = [matrix for _, _, matrix in read]
    return np.concatenate(matrices) if matrices else np.empty((0, len(selection.FEATURES))), answering


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


def fit_gate(rows: Sequence[Row], selector: Selector, seed: int) -> Gate:
    """A gate without a threshold; the features' spread is worked into the weights."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    rows = _balanced(rows)
    matrix, right = np.array([row.features for row in rows]), np.array([row.right for row in rows])
    center, spread = matrix.mean(axis=0), _spread(matrix)
    model = MLPClassifier((_UNITS,), activation="tanh", alpha=_DECAY, max_iter=300, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many rounds are enough, settled or not
        model.fit((matrix - center) / spread, right)
    hidden, output = model.coefs_
    bias, last = model.intercepts_
    network = Network(
        confidence.FEATURES,
        (hidden / spread[:, None]).astype(np.float32),
        (bias - (center / spread) @ hidden).astype(np.float32),
        output[:, 0].astype(np.float32),
    )
    return Gate(network, round(float(last[0]), 5), 0.0, selector, 0.0)


def _balanced(rows: Sequence[Row]) -> list[Row]:
    """Help centres count as much as all public sets together: they are what most teams have."""
    own = [row for row in rows if row.name == HELP_CENTRES]
    public = [row for row in rows if row.name != HELP_CENTRES]
    return [*public, *own * _repeats(len(public), len(own))]


def _repeats(many: int, few: int) -> int:
    """How often the few are to be taken to count as much as the many."""
    return max(1, round(many / few)) if few else 1


def _logistic(matrix: NDArray[np.float64], labels: NDArray[np.bool_]) -> list[float]:
    """Weights of the raw features from logistic regression on features of equal spread."""
    from sklearn.linear_model import LogisticRegression

    spread = _spread(matrix)
    model = LogisticRegression(C=1.0, max_iter=3000).fit(matrix / spread, labels)
    return [round(float(weight), 4) for weight in model.coef_[0] / spread]


def _spread(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    spread: NDArray[np.float64] = matrix.std(axis=0)
    spread[spread < 1e-6] = 1.0
    return spread


def choose_threshold(probabilities: Sequence[float], right: Sequence[bool], wanted_error: float) -> float:
    """The least confidence at which the share of wrong ones among the answered is as wanted."""
    _, risk = risk_coverage(probabilities, right)
    good = np.flatnonzero(risk <= wanted_error)
    ordered = sorted(probabilities, reverse=True)
    return round(float(ordered[int(good[-1])]), 4) if len(good) else 1.0


def report(seen: Sequence[Row], held_out: Sequence[Row], gate: Gate, seed: int) -> dict[str, Any]:
    """Figures of held-out rows together, and set by set."""
    sets: dict[str, Any] = {}
    for name in sorted({row.name for row in held_out}):
        own = [row for row in held_out if row.name == name]
        foreign = fit_gate([row for row in seen if row.name != name], gate.selector, seed)
        sets[name] = _figures(own, gate) | {"cross_auroc": _auroc(own, foreign)}
    return _figures(held_out, gate) | {"threshold": gate.threshold, "sets": sets}


def _figures(rows: Sequence[Row], gate: Gate) -> dict[str, Any]:
    confidences, right = probabilities(gate, rows), [row.right for row in rows]
    answered = [is_right for value, is_right in zip(confidences, right, strict=True) if value >= gate.threshold]
    return {
        "questions": len(rows),
        "right": round(float(np.mean(right)), 4),
        "auroc": _auroc(rows, gate),
        "ece": round(calibration_error(confidences, right), 4),
        "answered": round(len(answered) / len(rows), 4),
        "wrong_of_answered": round(1 - float(np.mean(answered)), 4) if answered else None,
    }


def probabilities(gate: Gate, rows: Sequence[Row]) -> list[float]:
    """The gate's confidence in each row."""
    matrix = np.array([row.features for row in rows], dtype=np.float32)
    values: list[float] = gate.probabilities(dict(zip(confidence.FEATURES, matrix.T, strict=True))).tolist()
    return values


def _auroc(rows: Sequence[Row], gate: Gate) -> float | None:
    value = auroc(probabilities(gate, rows), [row.right for row in rows])
    return None if np.isnan(value) else round(value, 4)
