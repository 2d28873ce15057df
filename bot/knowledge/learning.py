"""Fits the ranker's networks: which candidates are right, given their features.

Plain numpy: a few thousand questions with up to two hundred candidates each train in a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.ranking import Array, Network

_BATCH = 32
_CLIP = 1.0


@dataclass(frozen=True)
class Example:
    """A question's candidates: `features` [candidates, features], `right` [candidates] of 0 and 1, at least one 1."""

    features: Array
    right: Array


@dataclass(frozen=True)
class Recipe:
    """`networks` are trained from different beginnings and joined, which ranks better than one of the same size."""

    units: int = 16
    networks: int = 4
    epochs: int = 8
    rate: float = 3e-3
    decay: float = 1e-2


def fit(names: Sequence[str], examples: Sequence[Example], recipe: Recipe, seed: int = 0) -> Network:
    """The network whose shares favour the right candidates most."""
    parts = [_fit_one(examples, recipe, np.random.default_rng(seed + number)) for number in range(recipe.networks)]
    hidden, bias, output = (np.concatenate(group, axis=-1) for group in zip(*parts, strict=True))
    return Network(tuple(names), hidden, bias, (output / recipe.networks).astype(np.float32))


def _fit_one(examples: Sequence[Example], recipe: Recipe, random: np.random.Generator) -> list[Array]:
    wide = examples[0].features.shape[1]
    weights = [
        random.normal(0, wide**-0.5, (wide, recipe.units)).astype(np.float32),
        np.zeros(recipe.units, dtype=np.float32),
        random.normal(0, recipe.units**-0.5, recipe.units).astype(np.float32),
    ]
    adam = Adam(weights, recipe)
    steps = recipe.epochs * (len(examples) // _BATCH)
    for step in range(steps):
        if step % (len(examples) // _BATCH) == 0:
            order = random.permutation(len(examples))
        start = step % (len(examples) // _BATCH) * _BATCH
        batch = [examples[number] for number in order[start : start + _BATCH]]
        adam.step(gradients(weights, batch), 1 - step / steps)
    return weights


def gradients(weights: Sequence[Array], batch: Sequence[Example]) -> list[Array]:
    """Of the mean over the batch of minus the log of the right candidates' share."""
    hidden, bias, output = weights
    features = np.concatenate([example.features for example in batch])
    states = np.tanh(features @ hidden + bias)
    scores = states @ output
    ends = np.cumsum([len(example.right) for example in batch])
    slopes = np.concatenate(
        [
            _slope(scores[end - len(example.right) : end], example.right)
            for end, example in zip(ends, batch, strict=True)
        ]
    ) / np.float32(len(batch))
    inner = np.outer(slopes, output) * (1 - states**2)
    return [features.T @ inner, inner.sum(axis=0), states.T @ slopes]


def _slope(scores: Array, right: Array) -> Array:
    """Of the loss by the scores: each candidate's share, minus its share among the right ones."""
    powers = np.exp(scores - scores.max())
    good = powers * right
    slope: Array = powers / powers.sum() - good / max(float(good.sum()), 1e-30)
    return slope


class Adam:
    """Kingma and Ba, 2015, with the decoupled weight decay of Loshchilov and Hutter, 2019; changes `weights`."""

    def __init__(self, weights: Sequence[Array], recipe: Recipe) -> None:
        self._weights = weights
        self._recipe = recipe
        self._means: list[NDArray[np.float32]] = [np.zeros_like(weight) for weight in weights]
        self._squares: list[NDArray[np.float32]] = [np.zeros_like(weight) for weight in weights]
        self._steps = 0

    def step(self, slopes: Sequence[Array], share: float) -> None:
        """One step at `share` of the rate."""
        self._steps += 1
        rate = self._recipe.rate * share
        norm = float(np.sqrt(sum(float((slope**2).sum()) for slope in slopes)))
        for weight, slope, mean, square in zip(self._weights, slopes, self._means, self._squares, strict=True):
            slope = slope * np.float32(min(1.0, _CLIP / max(norm, 1e-9)))
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            ahead = (mean / (1 - 0.9**self._steps)) / (np.sqrt(square / (1 - 0.999**self._steps)) + 1e-8)
            weight -= (rate * (ahead + self._recipe.decay * weight)).astype(np.float32)
