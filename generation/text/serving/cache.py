"""The key-value cache: one block of memory for all requests, a slot for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from generation.text.model import Shape


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
    """Keys and values of each layer, [slots, heads, context, width / heads].

    A slot needs no cleaning: what lies beyond a request's length is never looked at, and memory that no request
    has reached is never touched, so an operating system that hands out pages on first use gives none for it.
    """

    def __init__(self, shape: Shape, slots: int, device: torch.device, dtype: torch.dtype) -> None:
        size = (slots, shape.heads, shape.context, shape.width // shape.heads)
        self.keys = [torch.empty(size, device=device, dtype=dtype) for _ in range(shape.layers)]
        self.values = [torch.empty(size, device=device, dtype=dtype) for _ in range(shape.layers)]

    def copy(self, source: int, target: int, count: int) -> None:
        """The first `count` tokens of a slot to another one."""
        for block in (*self.keys, *self.values):
            block[target, :, :count] = block[source, :, :count]


class RaggedAttention:
    """Each segment attends to its own slot, as long as that is, so nothing is padded."""

    def __init__(self, cache: Cache, segments: Sequence[Segment], positions: Tensor) -> None:
        self._cache = cache
        self._segments = segments
        self._sizes = [len(segment.ids) for segment in segments]
        self._positions = positions
        slots = torch.tensor([segment.slot for segment in segments], device=positions.device)
        self._slots = slots.repeat_interleave(torch.tensor(self._sizes, device=positions.device))
        self._masks = [_mask(segment, positions.device) for segment in segments]

    def __call__(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        all_keys, all_values = self._cache.keys[layer], self._cache.values[layer]
        all_keys[self._slots, :, self._positions] = keys
        all_values[self._slots, :, self._positions] = values
        attended = []
        for segment, mask, asked in zip(self._segments, self._masks, torch.split(queries, self._sizes), strict=True):
            slot, end = segment.slot, segment.end
            out = F.scaled_dot_product_attention(
                asked.transpose(0, 1)[None],
                all_keys[slot : slot + 1, :, :end],
                all_values[slot : slot + 1, :, :end],
                attn_mask=mask,
                is_causal=mask is None and len(segment.ids) > 1,
            )
            attended.append(out[0].transpose(0, 1))
        return torch.cat(attended).flatten(1)


class OwnAttention:
    """Causal attention within each of several rows of tokens, without a cache."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = list(sizes)

    def __call__(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        attended = []
        for row in zip(*(torch.split(part, self._sizes) for part in (queries, keys, values)), strict=True):
            asked, known, told = (part.transpose(0, 1)[None] for part in row)
            out = F.scaled_dot_product_attention(asked, known, told, is_causal=True)
            attended.append(out[0].transpose(0, 1))
        return torch.cat(attended).flatten(1)


def _mask(segment: Segment, device: torch.device) -> Tensor | None:
    """Which of the slot's tokens each new one sees; None where one rule holds: all of them, or those before it."""
    if len(segment.ids) == 1 or segment.start == 0:
        return None
    return torch.ones(len(segment.ids), segment.end, dtype=torch.bool, device=device).tril(segment.start)
