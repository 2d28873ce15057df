"""A classifier of texts into topics that also knows what it has not learned.

Kernel ridge regression on targets of +1 and -1, the mean of a Gaussian process (Rasmussen and Williams 2006,
chapters 2 and 5.4.2). Its kernel is exp(sum of gain x (cosine - 1)) over two views of a text: hashed word and
character n-grams, and sentence vectors. One matrix inverse gives the answer in closed form, and with it what the
classifier would have said of each example without that example, and without the example's whole topic: the
questions out of scope from which it learns what being out of scope looks like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.errors import UsageError
from bot.protocols import Embedder
from bot.routing.kernel import Kernel, KernelRidge, nearness
from bot.routing.scope import Scope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

OUT_OF_SCOPE = "oos"

_LARGEST = 16_000  # examples; the matrices of so many take 1 GB each
_NOISE = 0.1
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest topic of a text, and the probability that the text is of none."""

    label: str
    out_of_scope: float


class IntentClassifier:
    """Made by `fit`. Several topics of one example are joined by a bar, `cancel|refund`."""

    def __init__(self, topics: Sequence[str], kernel: Kernel, weights: Floats, scope: Scope) -> None:
        self._topics = topics
        self._kernel = kernel
        self._weights = weights
        self._scope = scope

    @property
    def threshold(self) -> float:
        """A text whose `out_of_scope` is higher is better declined."""
        return self._scope.threshold

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], embedder: Embedder | None = None) -> IntentClassifier:
        """Learns from labelled texts; those of the label `oos` are examples of what is out of scope.

        Takes about a minute and 3 GB for 15,000 texts; of more than 16,000 an even choice is taken.
        """
        examples = _unique(texts, labels)
        topics = sorted({topic for example in examples for topic in example.topics})
        if len(topics) < 2:
            raise UsageError("A classifier needs examples of two topics or more.")
        targets = _targets(examples, topics)
        kernel = Kernel([example.text for example in examples], embedder)
        noise = np.array([_NOISE / example.count for example in examples], np.float32)
        fit = KernelRidge.fit(kernel.gram(), targets, noise)
        return cls(topics, kernel, fit.weights, Scope.fit(fit))

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        predictions = []
        for start in range(0, len(texts), _BLOCK):
            similarities = self._kernel.to(texts[start : start + _BLOCK])
            scores = similarities @ self._weights
            chances = self._scope.probabilities(scores, nearness(similarities))
            best = scores.argmax(axis=1)
            predictions += [
                Prediction(self._topics[topic], float(chance)) for topic, chance in zip(best, chances, strict=True)
            ]
        return predictions


@dataclass(slots=True)
class _Example:
    """A text, how often each topic was given to it, and how often it came; out of scope has no topic."""

    text: str
    topics: dict[str, int]
    count: int = 0


def _unique(texts: Sequence[str], labels: Sequence[str]) -> list[_Example]:
    examples: dict[str, _Example] = {}
    for text, label in zip(texts, labels, strict=True):
        example = examples.setdefault(" ".join(text.lower().split()), _Example(text, defaultdict(int)))
        example.count += 1
        for topic in label.split("|") if label != OUT_OF_SCOPE else ():
            example.topics[topic] += 1
    chosen = list(examples.values())
    if len(chosen) > _LARGEST:
        chosen = [chosen[number] for number in np.linspace(0, len(chosen) - 1, _LARGEST).astype(int)]
    return chosen


def _targets(examples: Sequence[_Example], topics: Sequence[str]) -> Floats:
    """[examples, topics], from -1 (never this topic) to +1 (always)."""
    columns = {topic: column for column, topic in enumerate(topics)}
    targets = np.full((len(examples), len(topics)), -1, np.float32)
    for row, example in enumerate(examples):
        for topic, times in example.topics.items():
            targets[row, columns[topic]] += 2 * times / example.count
    return targets
