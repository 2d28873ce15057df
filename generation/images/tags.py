"""The tags that a picture model knows, and how they become numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from generation.errors import ModelUnusable


@dataclass(frozen=True)
class TagVocabulary:
    """Names of tags in a fixed order, such as `dress` and `red`; a picture has any number of them."""

    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, pictures: Iterable[Sequence[str]], least: int = 1) -> TagVocabulary:
        """All tags that at least `least` of the pictures have, in alphabetical order."""
        counts = Counter(tag for tags in pictures for tag in set(tags))
        return cls(tuple(sorted(tag for tag, count in counts.items() if count >= least)))

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, tag: object) -> bool:
        return tag in self.names

    def known(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Those of the tags that are in the vocabulary, in their order."""
        return tuple(tag for tag in tags if tag in self.names)

    def rows(self, pictures: Sequence[Sequence[str]]) -> NDArray[numpy.float32]:
        """One multi-hot row for each picture, [N, tags]; raises ModelUnusable for a tag that is not known."""
        positions = {name: position for position, name in enumerate(self.names)}
        rows = numpy.zeros((len(pictures), len(self.names)), numpy.float32)
        for row, tags in zip(rows, pictures, strict=True):
            for tag in tags:
                if tag not in positions:
                    known = ", ".join(self.names) or "none"
                    raise ModelUnusable(f"There is no tag {tag!r} in this model; it knows: {known}.")
                row[positions[tag]] = 1.0
        return rows

    def tags(self, row: NDArray[numpy.float32]) -> tuple[str, ...]:
        """The tags of one multi-hot row [tags]."""
        return tuple(name for name, value in zip(self.names, row, strict=True) if value > 0)
