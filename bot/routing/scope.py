"""Whether a text is of any known topic: a probability, learned from examples whose topic was taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.routing.kernel import KernelRidge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


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
        """From what a regression says of its own examples when it has not seen them, or not their topic.

        The threshold is where known and unknown texts are told apart best (Youden 1950).
        """
        from sklearn.linear_model import LogisticRegression

        seen = ridge.without_each()
        known = (ridge.targets > -1).any(axis=1)
        evidence = _evidence(seen.scores, seen.nearness)
        unseen = np.concatenate([_evidence(held.scores, held.nearness) for held in ridge.without_topics()])
        features = np.concatenate([evidence[known], unseen, evidence[~known]])
        outside = np.repeat([False, True], [known.sum(), len(unseen) + (~known).sum()])
        weights = np.repeat(
            _shares(known.sum(), len(unseen), (~known).sum()), [known.sum(), len(unseen), (~known).sum()]
        )
        model = LogisticRegression(C=100).fit(features, outside, sample_weight=weights)
        slopes, intercept = model.coef_[0], float(model.intercept_[0])
        logits = features @ slopes + intercept
        chances = 1 / (1 + np.exp(-logits))
        return cls(slopes, intercept, _best_threshold(chances, outside, weights))


def _evidence(scores: Floats, nearness: Floats) -> Floats:
    """[rows, 3]"""
    second, best = np.sort(scores, axis=1)[:, -2:].T
    second = np.maximum(second, -1)
    return np.stack([best, best - second, nearness], axis=1)


def _shares(known: int, unseen: int, outside: int) -> list[float]:
    """Weights of one example each: known and unknown weigh the same, and true unknown ones as much as taken ones."""
    taken, true = (0.5, 0.5) if outside else (1.0, 0.0)
    return [1 / known, taken / unseen, true / max(outside, 1)]


def _best_threshold(chances: NDArray[np.float64], outside: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    order = np.argsort(-chances)
    gains = np.cumsum(np.where(outside[order], weights[order], -weights[order]))
    best = int(np.argmax(gains))
    following = min(best + 1, len(order) - 1)
    return float((chances[order[best]] + chances[order[following]]) / 2)
