"""The learned order of candidates: a small network over their features.

It was fitted so that the right passage gets the largest share among the candidates of its question (the listwise
loss of Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007); the numbers are in
`ranker.json`, one network for search by words alone and one for words and vectors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.errors import ModelError

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """One hidden layer of tanh: `hidden` [features, units], `bias` [units], `output` [units]."""

    features: tuple[str, ...]
    hidden: Array
    bias: Array
    output: Array

    def scores(self, columns: Mapping[str, Array]) -> Array:
        """[candidates]: higher is better; comparable within one query only."""
        matrix = np.stack([columns[name] for name in self.features], axis=1)
        scores: Array = np.tanh(matrix @ self.hidden + self.bias) @ self.output
        return scores


@dataclass(frozen=True)
class Ranker:
    """Ranks by words, and by words and vectors."""

    words: Network
    vectors: Network

    @classmethod
    def load(cls, path: Path | None = None) -> Ranker:
        """From a file, or the one that comes with the package; raises ModelError if it cannot be used."""
        file = path or resources.files("bot.knowledge").joinpath("ranker.json")
        try:
            stored = json.loads(file.read_text("utf-8"))
            return cls(*(_network(**stored[name]) for name in ("words", "vectors")))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"{file} is not a ranker: {error}.") from error

    def save(self, path: Path) -> None:
        """Writes what `load` reads."""
        stored = {
            name: {
                "features": network.features,
                **{part: _rounded(getattr(network, part)) for part in ("hidden", "bias", "output")},
            }
            for name, network in (("words", self.words), ("vectors", self.vectors))
        }
        path.write_text(json.dumps(stored) + "\n", "utf-8")

    def scores(self, columns: Mapping[str, Array]) -> Array:
        """[candidates]: by the network that fits the columns that there are."""
        return (self.vectors if "near" in columns else self.words).scores(columns)


def shares(scores: Array) -> Array:
    """Scores to shares of 1."""
    powers = np.exp(scores - scores.max())
    quotients: Array = powers / powers.sum()
    return quotients


def _network(
    features: Sequence[str], hidden: Sequence[Sequence[float]], bias: Sequence[float], output: Sequence[float]
) -> Network:
    return Network(tuple(features), _array(hidden), _array(bias), _array(output))


def _array(values: Sequence[float] | Sequence[Sequence[float]]) -> Array:
    return np.asarray(values, dtype=np.float32)


def _rounded(values: Array) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), 5).tolist()
    return rounded
