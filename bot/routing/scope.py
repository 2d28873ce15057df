"""Whether a text is of any known topic: a probability, learned from examples whose topic was taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.routing.kernel import KernelRidge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


_LEAST = 1e-6
_COST_OF_DECLINING = 2.0  # a known text, against answering an unknown one


@dataclass(frozen=True)
class Scope:
    """Logistic regression on the best score, its lead over the next, and the nearness of known texts."""

    slopes: NDArray[np.float64]
    intercept: float
    threshold: float

    def probabilities(self, scores: Floats, nearness: Floats) -> NDArray[np.float64]:
        """[rows], that each text is out of scope; from `scores` [rows, topics] and `nearness` [rows]."""
        logits = _evidence(scores, nearness) @ self.slopes + self.intercept
        return 1 / (1 + np.exp(-logits))

    @classmethod
    def fit(cls, ridge: KernelRidge) -> Scope:
        """From what a regression says of its own examples when it has not seen them, or not their topic."""
        from sklearn.linear_model import LogisticRegression

        seen = ridge.without_each()
        evidence = _evidence(seen.scores, seen.nearness)
        inside = (ridge.targets > -1).any(axis=1)
        unseen = np.concatenate([_evidence(held.scores, held.nearness) for held in ridge.without_topics()])
        features = np.concatenate([evidence[inside], unseen, evidence[~inside]])
        counts = (int(inside.sum()), len(unseen), int((~inside).sum()))
        outside = np.repeat([False, True, True], counts)
        weights = np.repeat(_shares(*counts), counts)
        model = LogisticRegression(C=100).fit(features, outside, sample_weight=weights)
        slopes, intercept = model.coef_[0], float(model.intercept_[0])
        logits = features @ slopes + intercept
        chances = 1 / (1 + np.exp(-logits))
        return cls(slopes, intercept, _best_threshold(chances, outside, weights))


def _evidence(scores: Floats, nearness: Floats) -> Floats:
    """[rows, 3]; scores are at least -1, which is the target of a topic that a text does not have."""
    second, best = np.maximum(np.sort(scores, axis=1)[:, -2:], -1).T
    return np.stack([best, best - second, np.log(np.maximum(nearness, _LEAST))], axis=1)


def _shares(known: int, unseen: int, outside: int) -> list[float]:
    """Weights of one example each: known and unknown weigh the same, and true unknown ones as much as taken ones."""
    taken, true = (0.5, 0.5) if outside else (1.0, 0.0)
    return [1 / known, taken / unseen, true / max(outside, 1)]


def _best_threshold(chances: NDArray[np.float64], outside: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Where declined unknown texts exceed declined known ones by most."""
    order = np.argsort(-chances)
    gains = np.cumsum(np.where(outside[order], weights[order], -_COST_OF_DECLINING * weights[order]))
    best = int(np.argmax(gains))
    following = min(best + 1, len(order) - 1)
    return float((chances[order[best]] + chances[order[following]]) / 2)
