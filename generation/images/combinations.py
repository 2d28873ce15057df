"""Which tags occur together in a set of pictures, to choose what a request leaves open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

MOST = 1000


@dataclass(frozen=True)
class Combinations:
    """Sets of tags and how many training pictures had exactly these."""

    counts: tuple[tuple[tuple[str, ...], int], ...] = ()

    @classmethod
    def of(cls, pictures: Iterable[Sequence[str]]) -> Combinations:
        """Of the tags of each picture; the most frequent ones."""
        counts = Counter(tuple(sorted(set(tags))) for tags in pictures)
        return cls(tuple(sorted(counts.most_common(MOST))))

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> Combinations:
        return cls(tuple((tuple(map(str, tags)), int(count)) for tags, count in values))

    def to_json(self) -> list[list[Any]]:
        return [[list(tags), count] for tags, count in self.counts]

    def complete(self, asked: Sequence[str], chance: torch.Generator) -> tuple[str, ...]:
        """The tags asked for with what the training pictures with these had besides, one of them drawn by `chance`.

        What no training picture had is left as it was asked for.
        """
        fitting = [(tags, count) for tags, count in self.counts if set(asked) <= set(tags)]
        weights = torch.tensor([float(count) for _, count in fitting] or [1.0])
        chosen = int(torch.multinomial(weights, 1, generator=chance))
        return fitting[chosen][0] if fitting else tuple(asked)
