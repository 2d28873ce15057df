"""The model run by PyTorch's kernels: in float32 or int8 on any CPU, and what a GPU's steps are made of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from generation.text.model import GPT2
from generation.text.serving.cache import Branch, BranchAttention, Cache, RaggedAttention, Segment
from generation.text.serving.decoder import Decoder
from generation.text.serving.runner import Runner


class TorchRunner(Runner):
    """A model on a device with a cache of `slots` requests."""

    _block = 32  # tokens of a prompt that attend at once

    def __init__(self, model: GPT2, slots: int, device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        super().__init__(model.shape, device)
        self._decoder = Decoder(model)
        self._cache = Cache(model.shape, slots, device, dtype)

    def copy(self, source: int, target: int, count: int) -> None:
        self._cache.copy(source, target, count)

    def _read(self, segments: Sequence[Segment], ids: Tensor) -> Tensor:
        positions = self._on_device([place for segment in segments for place in range(segment.start, segment.end)])
        hidden = self._decoder(ids, positions, RaggedAttention(self._cache, segments, positions, self._block))
        last, row = [], -1
        for segment in segments:
            row += len(segment.ids)
            last += [row] if segment.speaks else []
        return self._decoder.logits(hidden[self._on_device(last)])

    def _branch_logits(self, branches: Sequence[Branch], counts: Sequence[int]) -> Tensor:
        sizes = [len(branch.ids) for branch in branches]
        ids = self._on_device([token for branch in branches for token in branch.ids])
        places = [branch.known + place for branch in branches for place in range(len(branch.ids))]
        attention = BranchAttention(self._cache.layers, branches, self._device)
        hidden = torch.split(self._decoder(ids, self._on_device(places), attention), sizes)
        before = [row[size - 1 - n : size - 1] for row, size, n in zip(hidden, sizes, counts, strict=True)]
        return self._decoder.logits(torch.cat(before))
