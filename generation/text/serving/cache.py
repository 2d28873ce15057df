"""The key-value cache: one block of memory for all requests, a slot for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from generation.text.model import Shape

UNKNOWN = -1  # a token that was chosen on the device, where the host has not read it yet


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens of one request that follow the `start` ones which its slot has already."""

    slot: int
    start: int
    ids: Sequence[int]
    speaks: bool = True  # whether the token after the last one is wanted

    @property
    def end(self) -> int:
        """How many tokens the slot has afterwards."""
        return self.start + len(self.ids)


class Cache:
    """Keys and values of each layer, [slots, 2, heads, context, width / heads].

    A slot needs no cleaning: what lies beyond a request's length is never looked at, and memory that no request
    has reached is never touched, so an operating system that hands out pages on first use gives none for it.
    """

    def __init__(
        self, shape: Shape, slots: int, device: torch.device, dtype: torch.dtype, *, aside: bool = False
    ) -> None:
        """With `aside`, each slot has one place more, at the end, for what nobody should see."""
        size = (slots, 2, shape.heads, shape.context + aside, shape.width // shape.heads)
        self.layers = [torch.empty(size, device=device, dtype=dtype) for _ in range(shape.layers)]

    def copy(self, source: int, target: int, count: int) -> None:
        """The first `count` tokens of a slot to another one."""
        for block in self.layers:
            block[target, :, :, :count] = block[source, :, :, :count]


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows of a segment, what they see, and where that lies."""

    row: int
    count: int
    seen: tuple[int, int, int, int]
    offset: int
    mask: Tensor | None


class RaggedAttention:
    """Each segment attends to its own slot, as long as that is, so nothing is padded.

    Long ones do so `block` tokens at a time: the kernel computes what a causal mask hides as well.
    """

    def __init__(self, cache: Cache, segments: Sequence[Segment], positions: Tensor, block: int) -> None:
        self._layers = cache.layers
        _, _, heads, context, depth = cache.layers[0].shape
        self._stride = (2 * heads * context * depth, context * depth, depth, 1)
        self._stretches: list[tuple[int, Segment]] = []
        self._parts: list[_Part] = []
        single, row = [], 0
        for segment in segments:
            if len(segment.ids) == 1:
                single.append((row, segment.slot))
            else:
                self._stretches.append((row, segment))
            for first in range(0, len(segment.ids), block):
                count = min(block, len(segment.ids) - first)
                seen = segment.start + first + count
                size, offset = (1, heads, seen, depth), segment.slot * self._stride[0]
                self._parts.append(_Part(row + first, count, size, offset, _mask(count, seen, positions.device)))
            row += len(segment.ids)
        self._rows, self._slots = torch.tensor(single, dtype=torch.long, device=positions.device).view(-1, 2).unbind(1)
        self._places = positions[self._rows]

    def __call__(self, layer: int, parts: Tensor) -> Tensor:
        block = self._layers[layer]
        self._keep(block, parts[:, 1:])
        queries = parts[:, 0].unsqueeze(2)  # [N, heads, 1, depth]
        attended = []
        for part in self._parts:  # views by hand: slicing would cost more than attending
            keys = block.as_strided(part.seen, self._stride, part.offset)
            values = block.as_strided(part.seen, self._stride, part.offset + self._stride[0] // 2)
            asked = queries[part.row : part.row + part.count]
            if part.count == 1:
                attended.append(F.scaled_dot_product_attention(asked, keys, values))
            else:
                out = F.scaled_dot_product_attention(asked.transpose(0, 2), keys, values, attn_mask=part.mask)
                attended.append(out.transpose(0, 2))
        return torch.cat(attended).flatten(1)

    def _keep(self, block: Tensor, known: Tensor) -> None:
        """Writes keys and values [N, 2, heads, depth] where they belong: rows at once, stretches one by one."""
        if len(self._rows) == len(known):
            block[self._slots, :, :, self._places] = known
            return
        if len(self._rows):
            block[self._slots, :, :, self._places] = known[self._rows]
        for row, segment in self._stretches:
            stretch = known[row : row + len(segment.ids)].permute(1, 2, 0, 3)
            block[segment.slot, :, :, segment.start : segment.end] = stretch


class PaddedAttention:
    """One token in each of the first slots, [B]: every slot is looked at up to `longest`, behind a mask.

    All shapes stay the same from step to step, so that a graph of it can be replayed.
    """

    def __init__(self, cache: Cache, places: Tensor, longest: int) -> None:
        self._layers = cache.layers
        self._longest = longest
        self._places = places
        self._slots = torch.arange(len(places), device=places.device)
        self._mask = (torch.arange(longest, device=places.device) <= places[:, None])[:, None, None]

    def __call__(self, layer: int, parts: Tensor) -> Tensor:
        block = self._layers[layer][: len(self._slots)]
        block[self._slots, :, :, self._places] = parts[:, 1:]
        keys, values = block[:, :, :, : self._longest].unbind(1)
        asked = parts[:, 0].unsqueeze(2)  # [B, heads, 1, depth]
        return F.scaled_dot_product_attention(asked, keys, values, attn_mask=self._mask).flatten(1)


@dataclass(frozen=True, slots=True)
class Branch:
    """Tokens that follow the first `known` ones of a slot, which keeps none of them."""

    slot: int
    known: int
    ids: Sequence[int]


class BranchAttention:
    """Each branch attends to what its slot has and to itself; several may begin with the same slot."""

    def __init__(self, layers: Sequence[Tensor], branches: Sequence[Branch], device: torch.device) -> None:
        self._layers = layers
        self._branches = branches
        self._sizes = [len(branch.ids) for branch in branches]
        self._masks = [_mask(len(branch.ids), branch.known + len(branch.ids), device) for branch in branches]

    def __call__(self, layer: int, parts: Tensor) -> Tensor:
        attended = []
        for branch, mask, rows in zip(self._branches, self._masks, torch.split(parts, self._sizes), strict=True):
            queries, own = rows.permute(1, 2, 0, 3).split([1, 2])  # type: ignore[no-untyped-call]
            if branch.known:
                own = torch.cat([self._layers[layer][branch.slot, :, :, : branch.known], own], dim=2)
            keys, values = own.unsqueeze(1)  # each [1, heads, known + T, depth]
            out = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
            attended.append(out[0].transpose(0, 1))
        return torch.cat(attended).flatten(1)


def _mask(count: int, seen: int, device: torch.device) -> Tensor | None:
    """Which of the `seen` tokens each of the last `count` sees: those up to itself. One sees all."""
    if count == 1:
        return None
    return torch.ones(count, seen, dtype=torch.bool, device=device).tril(seen - count)
