"""The probability that an answer is right, and the least with which one is given.

A small network over comparable features (shares from 0 to 1 rather than raw scores, so that it holds for twenty
passages as for twenty thousand), fitted by log loss, which makes its output a probability; Guo et al., "On
Calibration of Modern Neural Networks" (2017), for how far it is one. The numbers are in `gate.json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answers import kinds
from bot.answers.question import Question, Reader, Reading, cover, title_likeness
from bot.answers.selection import Candidate, Selector
from bot.errors import ModelError
from bot.knowledge.analysis import terms
from bot.knowledge.ranking import Network
from bot.messages import Evidence

FEATURES = (
    "cover_passage", "cover_quote", "missing", "similarity", "title_likeness", "title_in_context", "pairs",
    "kind", "kind_asked", "share", "score_margin", "rare_cover", "strength", "mention", "distinct", "selection_score",
    "selection_margin", "is_top", "titles_agree", "terms", "has_history", "has_vectors", "question_after",
    "history_cover", "unknown", "near", "title_similarity",
)  # fmt: skip
_COMPARED = 10
_ALL = 0.999
_LIKE, _AHEAD = 0.4, 0.2
"""How like a question a heading must be, and how far ahead of the others, to be the one that asks it."""
NAMED = 0.95
"""Least confidence in the only passage whose heading asks the question; the bot offers headings to choose from."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What `gate.json` holds: the network and its bias, the threshold, and the selector that the features came from.

    `wanted_error` is the share of wrong answers, among those given, that the threshold was chosen for.
    """

    network: Network
    bias: float
    threshold: float
    selector: Selector
    wanted_error: float

    def probability(self, features: Mapping[str, float]) -> float:
        """The calibrated probability that the answer is right."""
        columns = {name: np.array([value], dtype=np.float32) for name, value in features.items()}
        return float(self.probabilities(columns)[0])

    def probabilities(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """[answers], from a column for each feature."""
        logits = self.network.scores(columns) + np.float32(self.bias)
        values: NDArray[np.float32] = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        return values

    def save(self, path: Path) -> None:
        """Writes what `load` reads: plain JSON."""
        parts = {name: _rounded(getattr(self.network, name)) for name in ("hidden", "bias", "output")}
        stored = {
            "threshold": self.threshold,
            "wanted_error": self.wanted_error,
            "selector": asdict(self.selector),
            "bias": self.bias,
            "network": {"features": self.network.features, **parts},
        }
        path.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def load(path: Path | None = None) -> Gate:
    """A gate from a file, or the one that comes with the package; raises ModelError if it cannot be used."""
    file = path or resources.files("bot.answers").joinpath("gate.json")
    try:
        stored = json.loads(file.read_text("utf-8"))
        parts = stored["network"]
        arrays = (np.asarray(parts[name], dtype=np.float32) for name in ("hidden", "bias", "output"))
        network = Network(tuple(parts["features"]), *arrays)
        if network.features != FEATURES:
            raise ValueError("it was fitted for other features")
        selector = Selector(**stored["selector"])
        return Gate(network, stored["bias"], stored["threshold"], selector, stored["wanted_error"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{file} is not a usable gate: {error}. Make one with `parley train gate`.") from error


def _rounded(values: NDArray[np.float32]) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), 5).tolist()
    return rounded


def features(
    question: Question, evidence: Sequence[Evidence], candidates: Sequence[Candidate], reader: Reader
) -> dict[str, float]:
    """What the probability is computed from; `candidates` are best first and at least one."""
    best = candidates[0]
    reading = best.reading
    found = evidence[best.rank]
    quote = frozenset().union(*(reading.terms[number] for number in best.numbers))
    whole = reading.all_terms
    others = [reader.passage(item.passage) for item in evidence[:_COMPARED]]
    around = dict(question.context) | dict(question.weights)
    title = reader.rarity.weights(reading.title_terms)
    missing = [weight for term, weight in question.weights.items() if term not in whole]
    anywhere = frozenset().union(*(candidate.reading.all_terms for candidate in candidates))
    second = candidates[1].score if len(candidates) > 1 else best.score - 4
    return {
        "cover_passage": cover(question.weights, whole),
        "cover_quote": cover(question.weights, quote | reading.title_terms),
        "missing": max(missing, default=0.0),
        "unknown": 1 - cover(question.weights, anywhere),
        "similarity": _similarity(question, best),
        "near": found.features.get("near", 0.0),
        "title_similarity": _title_similarity(question, reading),
        "title_likeness": title_likeness(question, reading, reader.rarity),
        "title_in_context": cover(title, frozenset(around)),
        "pairs": _pairs(question, reading.passage.text),
        "kind": float(kinds.has(question.kind, " ".join(best.quotes))),
        "kind_asked": float(question.kind is not None),
        "distinct": _distinct(question, reading, others),
        "share": found.score,
        "rare_cover": found.features.get("cover", 0.0),
        "strength": found.features.get("strength", 0.0),
        "mention": found.features.get("mention", 0.0),
        "score_margin": _margin(evidence, best),
        "selection_score": max(-6.0, min(6.0, best.score)) / 6,
        "selection_margin": min(best.score - second, 4.0) / 4,
        "is_top": float(best.rank == 0),
        "titles_agree": _agreement(evidence, best),
        "terms": math.log1p(sum(question.weights.values())) / 3,
        "has_history": float(bool(question.context)),
        "has_vectors": float(question.vector is not None),
        "question_after": float(_follows_question(best)),
        "history_cover": cover(question.context, whole),
    }


def is_named(question: Question, evidence: Sequence[Evidence], best: Candidate, reader: Reader) -> bool:
    """Whether the passage that was found first has all of the question's words, and a heading that asks it, as no other
    that was found does.

    Of 3,200 such questions in the sets that the gate was fitted on 99 in 100 had their answer there; also of the few
    whose passage was hardly ahead of others, as where several speak of one matter.
    """
    own, *others = [reader.passage(item.passage) for item in evidence]
    likeness = title_likeness(question, own, reader.rarity)
    if best.rank != 0 or likeness < _LIKE:
        return False
    if likeness > _ALL:
        return all(title_likeness(question, other, reader.rarity) < _ALL for other in others)
    nearest_other = max((_nearness(question, other, reader) for other in others), default=0.0)
    is_ahead = _nearness(question, own, reader) - nearest_other >= _AHEAD
    return is_ahead and question.weights.keys() <= own.all_terms


def _nearness(question: Question, reading: Reading, reader: Reader) -> float:
    """Of question and heading, by words and by vectors where there are any."""
    likeness = title_likeness(question, reading, reader.rarity)
    if question.vector is None or reading.title_vectors is None:
        return likeness
    return (likeness + _title_similarity(question, reading)) / 2


def _similarity(question: Question, best: Candidate) -> float:
    if question.vector is None or best.reading.vectors is None:
        return 0.0
    return max(0.0, float(max(best.reading.vectors[number] @ question.vector for number in best.numbers)))


def _title_similarity(question: Question, reading: Reading) -> float:
    """The cosine of the question and the part of the title that is nearest to it."""
    if question.vector is None or reading.title_vectors is None:
        return 0.0
    return max(0.0, float(np.max(reading.title_vectors @ question.vector)))


def _pairs(question: Question, text: str) -> float:
    """The share of neighbouring terms of the question that are neighbours in the passage too."""
    known = terms(text)
    if question.is_chinese:  # its terms have pairs of characters among them
        asked = {term for term in question.weights if len(term) > 1}
        return len(asked & set(known)) / len(asked) if asked else 0.0
    pairs = set(pairwise(question.weights))
    return len(pairs & set(pairwise(known))) / len(pairs) if pairs else 0.0


def _distinct(question: Question, reading: Reading, others: Sequence[Reading]) -> float:
    """Cover by the passage, where a term counts less the more of the other passages have it."""
    total = sum(question.weights.values())
    known = [other.all_terms for other in others if other is not reading]
    covered = 0.0
    for term, weight in question.weights.items():
        if term in reading.all_terms:
            covered += weight * (1 - sum(term in found for found in known) / max(len(known), 1))
    return covered / total if total else 0.0


def _margin(evidence: Sequence[Evidence], best: Candidate) -> float:
    """How far the passage's score is above the best other one's, as a share; negative when it is below."""
    own = evidence[best.rank].score
    others = [item.score for number, item in enumerate(evidence) if number != best.rank]
    other = max(others, default=0.0)
    return max(-1.0, min(1.0, (own - other) / max(abs(own), abs(other), 1e-9)))


def _agreement(evidence: Sequence[Evidence], best: Candidate) -> float:
    """The share of the next four passages that have the answer's title."""
    others = [item.passage.title for number, item in enumerate(evidence[:5]) if number != best.rank]
    return sum(title == best.reading.passage.title for title in others) / 4


def _follows_question(best: Candidate) -> bool:
    first = best.numbers[0]
    sentences = best.reading.sentences
    return best.reading.passage.title.rstrip().endswith(("?", "？")) or (
        first > 0 and sentences[first - 1].kind == "question"
    )
