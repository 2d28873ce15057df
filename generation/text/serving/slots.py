"""Which tokens each slot of the cache stands for, so that what two prompts begin with is computed once.

Slots outnumber the requests that run at once. A reply that ends leaves its tokens behind: the conversation's next
prompt, which begins with them, goes on in the same slot, and a prompt of another conversation copies the part
that it shares, such as the persona and the passages.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORTH_A_COPY = 16  # tokens: to compute fewer is as quick


class Slots:
    """The slots of a cache: taken by requests, or free and remembered, those longest unused first."""

    def __init__(self, count: int, context: int) -> None:
        self._tokens = np.zeros((count, context), dtype=np.int32)
        self._lengths = np.zeros(count, dtype=np.int64)
        self.count = count
        self._free: OrderedDict[int, None] = OrderedDict.fromkeys(range(count))

    @property
    def has_free(self) -> bool:
        """Whether a slot can be taken."""
        return bool(self._free)

    def take(self, ids: Sequence[int]) -> tuple[int, int]:
        """A free slot for a prompt and how many of its tokens the slot has already; there must be a free one."""
        alike = self._alike(ids)
        slot, known = next(iter(self._free)), 0
        best = max(self._free, key=lambda number: alike[number])
        if 2 * alike[best] > self._lengths[best]:  # what another one could use of it is little
            slot, known = best, int(alike[best])
        del self._free[slot]
        self._lengths[slot] = known
        return slot, known

    def best(self, ids: Sequence[int]) -> tuple[int, int]:
        """The slot that has most of a prompt's tokens, taken or free, and how many."""
        alike = self._alike(ids)
        slot = int(alike.argmax())
        return slot, int(alike[slot])

    def better(self, ids: Sequence[int], known: int) -> tuple[int, int] | None:
        """Another slot and how many of a prompt's tokens it has, if these are worth copying."""
        slot, alike = self.best(ids)
        return (slot, alike) if alike >= known + WORTH_A_COPY else None

    def put(self, slot: int, start: int, ids: Sequence[int]) -> None:
        """Notes the tokens that a slot has from `start` on."""
        self._tokens[slot, start : start + len(ids)] = ids
        self._lengths[slot] = start + len(ids)

    def release(self, slot: int) -> None:
        """Frees a slot, which is remembered until it is taken again."""
        self._free[slot] = None

    def forget_free(self) -> None:
        """Keeps no tokens of requests that have ended."""
        free = list(self._free)
        self._tokens[free] = 0
        self._lengths[free] = 0

    def forget(self) -> None:
        """Frees all slots and what they stand for."""
        self._lengths[:] = 0
        self._free = OrderedDict.fromkeys(range(len(self._lengths)))

    def _alike(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """How many tokens each slot has in common with a prompt, whose last one is left to be computed."""
        given = np.asarray(ids[:-1], dtype=np.int32)
        if not len(given):
            return np.zeros_like(self._lengths)
        differs = self._tokens[:, : len(given)] != given
        same = np.where(differs.any(1), differs.argmax(1), len(given))
        return np.minimum(same, self._lengths)


def common(ids: Sequence[int], others: Sequence[int]) -> int:
    """How many tokens two sequences begin with alike."""
    pairs = enumerate(zip(ids, others, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(ids), len(others)))
