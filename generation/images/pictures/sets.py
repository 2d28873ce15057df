"""A set of pictures with their tags, in memory, all of one size."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FEWEST, FEW = 10, 100
"""Below the first a generator can only copy; below the second it mostly does."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture that was left out, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class PictureSet:
    """Pictures in a fixed order; `tags` and `names` have one entry a picture."""

    images: NDArray[np.uint8]
    """[N, size, size, C] with C of 1 (grey) or 3 (RGB)."""
    tags: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """Pixels on a side."""
        return int(self.images.shape[1])

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return int(self.images.shape[3])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the owner should know before learning from the set, in sentences."""
        if len(self) >= FEW:
            return ()
        return (
            f"There are only {len(self)} usable pictures. A generator learns little from fewer than {FEW} and tends to "
            "copy them; a thousand or more are better.",
        )

    @cached_property
    def hash(self) -> str:
        """Of pixels and tags: the same set has the same hash, whatever its files are called."""
        digest = hashlib.blake2b(digest_size=16)
        for image, tags in zip(self.images, self.tags, strict=True):
            digest.update(image.tobytes())
            digest.update("\0".join(tags).encode())
        return digest.hexdigest()

    def split(self, share: float = 0.1) -> tuple[PictureSet, PictureSet]:
        """(training, validation) with `share` of the pictures, at least one, in the second.

        The pixels decide where a picture goes, so that neither order nor names do, and the same set is always split
        in the same way.
        """
        order = sorted(range(len(self)), key=lambda index: _digest(self.images[index]))
        count = min(max(round(share * len(self)), 1), len(self) - 1)
        return self.of(sorted(order[count:])), self.of(sorted(order[:count]))

    def of(self, indices: Sequence[int]) -> PictureSet:
        """The pictures with these numbers, in this order."""
        return PictureSet(
            self.images[list(indices)],
            tuple(self.tags[index] for index in indices),
            tuple(self.names[index] for index in indices),
            self.skipped,
        )

    def tagged(self, more: Sequence[Sequence[str]]) -> PictureSet:
        """The set with more tags for each picture."""
        return replace(self, tags=tuple(join(tags, new) for tags, new in zip(self.tags, more, strict=True)))


def join(tags: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Both, each tag once, in order."""
    return tuple(dict.fromkeys((*tags, *more)))


def without_repeats(pictures: PictureSet) -> PictureSet:
    """The set with each picture once; the repeats are listed as skipped, and leave their tags to the first one."""
    first: dict[bytes, int] = {}
    tags = list(pictures.tags)
    repeats = []
    for index, image in enumerate(pictures.images):
        original = first.setdefault(_digest(image), index)
        if original != index:
            tags[original] = join(tags[original], tags[index])
            repeats.append(Skipped(pictures.names[index], f"the same picture as {pictures.names[original]}"))
    if not repeats:
        return pictures
    kept = replace(pictures, tags=tuple(tags), skipped=(*pictures.skipped, *repeats))
    return kept.of(sorted(first.values()))


def _digest(image: NDArray[np.uint8]) -> bytes:
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()
