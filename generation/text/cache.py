"""The key-value cache: one block of memory for all requests, one slot for each."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from generation.text.model import Shape


class Cache:
    """Keys and values of every layer and slot, [layers, slots, heads, context, width / heads].

    A slot needs no cleaning: what lies beyond a request's length is never looked at.
    """

    def __init__(self, shape: Shape, slots: int, device: torch.device, dtype: torch.dtype) -> None:
        size = (shape.layers, slots, shape.heads, shape.context, shape.width // shape.heads)
        self.keys = torch.zeros(size, device=device, dtype=dtype)
        self.values = torch.zeros(size, device=device, dtype=dtype)

    def extend(self, slot: int, start: int) -> Extension:
        """To attend with T new tokens of one slot that has `start` tokens already."""
        return Extension(self, slot, start)

    def step(self, slots: Sequence[int], lengths: Sequence[int]) -> Step:
        """To attend with one new token for each of several slots, which have `lengths` tokens already."""
        return Step(self, slots, lengths)


class Extension:
    """Attention of a stretch of one request's prompt; queries are [1, heads, T, d]."""

    def __init__(self, cache: Cache, slot: int, start: int) -> None:
        self._cache = cache
        self._slot = slot
        self._start = start

    def __call__(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        end = self._start + queries.shape[2]
        known_keys = self._cache.keys[layer, self._slot]
        known_values = self._cache.values[layer, self._slot]
        known_keys[:, self._start : end] = keys[0]
        known_values[:, self._start : end] = values[0]
        if self._start == 0:
            return F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        seen = torch.ones(end - self._start, end, dtype=torch.bool, device=queries.device).tril(self._start)
        return F.scaled_dot_product_attention(
            queries, known_keys[None, :, :end], known_values[None, :, :end], attn_mask=seen
        )


class Step:
    """Attention of one new token for each row; rows are as long as they are, so nothing is padded."""

    def __init__(self, cache: Cache, slots: Sequence[int], lengths: Sequence[int]) -> None:
        self._cache = cache
        self._rows = list(zip(slots, lengths, strict=True))

    def __call__(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        attended = []
        for row, (slot, length) in enumerate(self._rows):
            known_keys = self._cache.keys[layer, slot]
            known_values = self._cache.values[layer, slot]
            known_keys[:, length] = keys[row, :, 0]
            known_values[:, length] = values[row, :, 0]
            attended.append(
                F.scaled_dot_product_attention(
                    queries[row : row + 1], known_keys[None, :, : length + 1], known_values[None, :, : length + 1]
                )
            )
        return torch.cat(attended)
