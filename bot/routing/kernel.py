"""How alike texts are, and kernel ridge regression with all that its closed form gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.protocols import Embedder
from bot.routing.ngrams import matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_BUCKETS = 1 << 18
_NGRAM_GAIN = 0.5
_VECTOR_GAIN = 1.5
_NGRAM_GAIN_ALONE = 1.0
_NEAREST = 10
_NEIGHBOURHOOD = 0.1  # of all topics are left out together with one
_BLOCK = 512


class Kernel:
    """The likeness of texts, from 0 to 1; remembers the N texts that it was made with."""

    def __init__(self, texts: Sequence[str], embedder: Embedder | None) -> None:
        self._embedder = embedder
        counts = matrix(texts, _BUCKETS)
        frequency = np.bincount(counts.indices, minlength=_BUCKETS)
        self._idf = (np.log((1 + len(texts)) / (1 + frequency)) + 1).astype(np.float32)
        self._ngrams, self._vectors = self._views(texts)

    def gram(self) -> Floats:
        """[N, N] of the texts themselves."""
        size = self._ngrams.shape[0]
        gram = np.empty((size, size), np.float32)
        for start in range(0, size, _BLOCK):
            rows = slice(start, start + _BLOCK)
            gram[rows] = self._likeness(self._ngrams[rows], None if self._vectors is None else self._vectors[rows])
        return gram

    def to(self, texts: Sequence[str]) -> Floats:
        """[texts, N]"""
        return self._likeness(*self._views(texts))

    def _views(self, texts: Sequence[str]) -> tuple[Any, Floats | None]:
        from sklearn.preprocessing import normalize

        ngrams = matrix(texts, _BUCKETS)
        ngrams.data *= self._idf[ngrams.indices]
        return normalize(ngrams), None if self._embedder is None else self._embedder.encode(texts)

    def _likeness(self, ngrams: Any, vectors: Floats | None) -> Floats:
        exponent: Floats = (ngrams @ self._ngrams.T).toarray() - 1
        if vectors is None or self._vectors is None:
            exponent *= _NGRAM_GAIN_ALONE
        else:
            exponent *= _NGRAM_GAIN
            exponent += _VECTOR_GAIN * (vectors @ self._vectors.T - 1)
        np.exp(exponent, out=exponent)
        return exponent


def nearness(likeness: Floats) -> Floats:
    """Mean likeness to the nearest texts, [rows] of [rows, N]."""
    count = min(_NEAREST, likeness.shape[1])
    nearest: Floats = np.partition(likeness, -count, axis=1)[:, -count:].mean(axis=1)
    return nearest


@dataclass(frozen=True)
class Held:
    """What the regression says of examples when it was made without them.

    `scores` [rows, topics], `nearness` [rows] to the examples that it was made with.
    """

    scores: Floats
    nearness: Floats


class KernelRidge:
    """Scores are likeness @ `weights`; `targets` are [N, topics]."""

    def __init__(self, gram: Floats, inverse: Floats, targets: Floats) -> None:
        self.targets = targets
        self.weights: Floats = inverse @ targets
        self._gram = gram
        self._inverse = inverse

    @classmethod
    def fit(cls, gram: Floats, targets: Floats, noise: Floats) -> KernelRidge:
        """`noise` [N] is the variance of each example's target; must be above 0."""
        return cls(gram, _inverse(gram, noise), targets)

    def without_each(self) -> Held:
        """Each example as if it had been left out (Rasmussen and Williams 2006, equation 5.12)."""
        scores = self.targets - self.weights / np.diag(self._inverse)[:, None]
        near = np.empty(len(scores), np.float32)
        for start in range(0, len(scores), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(scores)))
            likeness = self._gram[rows]
            likeness[rows - start, rows] = 0
            near[rows] = nearness(likeness)
        return Held(scores, near)

    def without_topics(self) -> Iterator[Held]:
        """The examples of each topic as if it and the topics that are most like it had been left out.

        Their columns are -infinity. Without its neighbours a topic is as far from the rest as a question that
        belongs nowhere usually is. What is said of a block of examples without it follows from the inverse as
        for a single one.
        """
        members = [np.flatnonzero(column > -1) for column in self.targets.T]
        for column, neighbours in enumerate(self._neighbourhoods(members)):
            left_out = np.unique(np.concatenate([members[topic] for topic in neighbours]))
            places = np.searchsorted(left_out, members[column])
            block = self._inverse[np.ix_(left_out, left_out)]
            scores = (self.targets[left_out] - np.linalg.solve(block, self.weights[left_out]))[places]
            scores[:, neighbours] = -np.inf
            likeness = self._gram[members[column]]
            likeness[:, left_out] = 0
            yield Held(scores, nearness(likeness))

    def _neighbourhoods(self, members: Sequence[NDArray[np.intp]]) -> list[list[int]]:
        """For each topic itself and its neighbours, never all topics."""
        count = min(round(_NEIGHBOURHOOD * len(members)), max(len(members) - 3, 0))
        belongs = np.stack([np.bincount(rows, minlength=len(self._gram)) / max(len(rows), 1) for rows in members])
        likeness = belongs.astype(np.float32) @ self._gram @ belongs.T
        np.fill_diagonal(likeness, np.inf)
        return [list(np.argsort(-row)[: count + 1]) for row in likeness]


def _inverse(gram: Floats, noise: Floats) -> Floats:
    """The inverse of the kernel matrix with `noise` on its diagonal."""
    from scipy.linalg.lapack import spotrf, spotri

    noisy = gram.copy().T  # symmetric, and in the order that LAPACK works on in place
    noisy[np.diag_indices_from(noisy)] += noise
    factor, _ = spotrf(noisy, lower=True, overwrite_a=True)
    inverse: Floats
    inverse, failed = spotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise np.linalg.LinAlgError("The kernel matrix is not positive definite.")
    for row in range(len(inverse)):
        inverse[row, row + 1 :] = inverse[row + 1 :, row]
    return inverse
