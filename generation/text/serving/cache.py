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


class RaggedAttention:
    """Each segment attends to its own slot, as long as that is, so nothing is padded."""

    def __init__(self, cache: Cache, segments: Sequence[Segment], positions: Tensor) -> None:
        self._layers = cache.layers
        self._positions = positions
        self._slots = torch.tensor([segment.slot for segment in segments for _ in segment.ids], device=positions.device)
        heads, context, depth = cache.layers[0].shape[2:]
        self._stride = (2 * heads * context * depth, context * depth, depth, 1)
        self._rows = []
        row = 0
        for segment in segments:
            known = segment.slot * self._stride[0]
            size = (1, heads, segment.end, depth)
            self._rows.append((row, len(segment.ids), size, known, _mask(segment, positions.device)))
            row += len(segment.ids)

    def __call__(self, layer: int, parts: Tensor) -> Tensor:
        block = self._layers[layer]
        block[self._slots, :, :, self._positions] = parts[:, 1:]
        queries = parts[:, 0].unsqueeze(2)  # [N, heads, 1, depth]
        attended = []
        for row, count, size, known, mask in self._rows:  # views by hand: slicing would cost more than attending
            keys = block.as_strided(size, self._stride, known)
            values = block.as_strided(size, self._stride, known + self._stride[0] // 2)
            asked = queries[row : row + count]
            if count == 1:
                attended.append(F.scaled_dot_product_attention(asked, keys, values))
                continue
            asked = asked.transpose(0, 2)
            out = F.scaled_dot_product_attention(asked, keys, values, attn_mask=mask, is_causal=mask is None)
            attended.append(out.transpose(0, 2))
        return torch.cat(attended).flatten(1)


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


class OwnAttention:
    """Causal attention within each of several rows of tokens, without a cache."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = list(sizes)

    def __call__(self, layer: int, parts: Tensor) -> Tensor:
        attended = []
        for row in torch.split(parts, self._sizes):
            queries, keys, values = row.permute(1, 2, 0, 3).unsqueeze(1)  # each [1, heads, T, depth]
            out = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
            attended.append(out[0].transpose(0, 1))
        return torch.cat(attended).flatten(1)


def _mask(segment: Segment, device: torch.device) -> Tensor | None:
    """Which of the slot's tokens each new one sees; None where one rule holds: all of them, or those before it."""
    if len(segment.ids) == 1 or segment.start == 0:
        return None
    return torch.ones(len(segment.ids), segment.end, dtype=torch.bool, device=device).tril(segment.start)
