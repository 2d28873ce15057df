"""The model run by the compiled kernel: int8 on the CPU, a whole pass in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from generation.text.model import GPT2, Block, Shape
from generation.text.serving import kernel
from generation.text.serving.cache import Branch, Segment
from generation.text.serving.quantization import Int8Linear
from generation.text.serving.runner import Runner

BLOCK = 16  # tokens whose keys and values lie together; also how many numbers make a vector
GROUP = 64  # output features that the kernel computes at once
Ints = NDArray[np.int32]


def fits(shape: Shape) -> bool:
    """Whether the kernel can run models of a shape: their heads must be whole vectors."""
    return shape.width % (shape.heads * BLOCK) == 0


@dataclass(frozen=True)
class _Span:
    """Tokens one after the other: where their blocks lie and how many tokens come before."""

    start: int
    ids: Sequence[int]
    blocks: Ints


class KernelRunner(Runner):
    """Keys and values lie in blocks of 16 tokens, those of a slot one after the other; one slot more is for scoring."""

    def __init__(self, compiled: kernel.Kernel, model: GPT2, slots: int) -> None:
        super().__init__(model.shape, torch.device("cpu"))
        self._kernel = compiled
        self._each = -(-model.shape.context // BLOCK)  # blocks of a slot
        firsts = np.arange(slots + 1, dtype=np.int32) * model.shape.heads * self._each
        self._blocks = firsts[:, None] + np.arange(self._each, dtype=np.int32)
        self._weights = _Weights(model, slots + 1, self._each)
        self._workspace = _Workspace(model.shape)

    def copy(self, source: int, target: int, count: int) -> None:
        for cache in self._weights.caches:
            cache[target, :, : -(-count // BLOCK)] = cache[source, :, : -(-count // BLOCK)]

    def _read(self, segments: Sequence[Segment], ids: Tensor) -> Tensor:
        spans = [_Span(segment.start, segment.ids, self._blocks[segment.slot]) for segment in segments]
        ends = accumulate(len(segment.ids) for segment in segments)
        return self._pass(spans, [end - 1 for end, segment in zip(ends, segments, strict=True) if segment.speaks])

    def _branch_logits(self, branches: Sequence[Branch], counts: Sequence[int]) -> Tensor:
        logits: list[Tensor] = []
        group: list[tuple[Branch, int]] = []
        used = 0
        for branch, count in zip(branches, counts, strict=True):
            if used + self._new_blocks(branch) > self._each:
                logits.append(self._weigh(group))
                group, used = [], 0
            group.append((branch, count))
            used += self._new_blocks(branch)
        return torch.cat([*logits, self._weigh(group)])

    def _weigh(self, group: Sequence[tuple[Branch, int]]) -> Tensor:
        """The logits of branches whose new blocks fit into one slot."""
        spans: list[_Span] = []
        wanted: list[int] = []
        used = row = 0
        for branch, count in group:
            spans.append(self._aside(branch, used))
            used += self._new_blocks(branch)
            row += len(branch.ids)
            wanted += range(row - 1 - count, row - 1)
        return self._pass(spans, wanted)

    def _new_blocks(self, branch: Branch) -> int:
        return -(-(branch.known + len(branch.ids)) // BLOCK) - branch.known // BLOCK

    def _aside(self, branch: Branch, used: int) -> _Span:
        """The branch with the whole blocks of its slot, and further ones of the slot that nobody has."""
        shared = branch.known // BLOCK
        blocks = self._blocks[branch.slot].copy()
        new = self._blocks[-1, used : used + self._new_blocks(branch)]
        if branch.known % BLOCK:
            for cache in self._weights.caches:
                cache[-1, :, used] = cache[branch.slot, :, shared]
        blocks[shared : shared + len(new)] = new
        return _Span(branch.known, branch.ids, blocks)

    def _pass(self, spans: Sequence[_Span], wanted: Sequence[int]) -> Tensor:
        """The logits [wanted, vocabulary] of the wanted rows."""
        sizes = np.array([len(span.ids) for span in spans], dtype=np.int32)
        starts = np.array([span.start for span in spans], dtype=np.int32)
        places = np.stack([np.cumsum(sizes, dtype=np.int32) - sizes, sizes, starts], 1)
        tokens = np.concatenate([span.ids for span in spans]).astype(np.int32)
        blocks = np.stack([span.blocks for span in spans])
        asked = np.array(wanted, dtype=np.int32)
        logits = torch.empty(len(wanted), self._weights.vocabulary)
        rows = self._workspace.rows(len(tokens))
        rows.tokens, rows.spans, rows.blocks, rows.wanted = map(_address, (tokens, places, blocks, asked))
        rows.logits = logits.data_ptr()
        rows.row_count, rows.span_count, rows.wanted_count = len(tokens), len(spans), len(asked)
        self._kernel.run(self._weights.model, rows, torch.get_num_threads())
        return logits


class _Weights:
    """A model as the kernel wants it; what the kernel points at is kept here."""

    def __init__(self, model: GPT2, slots: int, blocks: int) -> None:
        shape, transformer = model.shape, model.transformer
        self.vocabulary = shape.vocabulary
        self.caches: list[Tensor] = []
        self._kept: list[Tensor] = []
        self._cache_size = (slots, shape.heads, blocks, BLOCK * shape.width // shape.heads)
        self._layers = (kernel.Layer * shape.layers)(
            *(self._layer(block) for block in transformer.h if isinstance(block, Block))
        )
        self.model = kernel.Model(
            tokens=self._pointer(transformer.wte.weight.detach().float()),
            positions=self._pointer(transformer.wpe.weight.detach().float()),
            layers=self._layers,
            last=self._norm(transformer.ln_f),
            logits=self._linear(model.lm_head),
            layer_count=shape.layers,
            heads=shape.heads,
            width=shape.width,
            context=-(-shape.context // BLOCK) * BLOCK,
            epsilon=shape.epsilon,
        )

    def _layer(self, block: Block) -> kernel.Layer:
        keys, values = (torch.empty(self._cache_size, dtype=torch.bfloat16) for _ in range(2))
        self.caches += [keys, values]
        return kernel.Layer(
            self._norm(block.ln_1),
            self._norm(block.ln_2),
            self._linear(block.attn.c_attn),
            self._linear(block.attn.c_proj),
            self._linear(block.mlp.c_fc),
            self._linear(block.mlp.c_proj),
            keys.data_ptr(),
            values.data_ptr(),
        )

    def _norm(self, norm: nn.LayerNorm) -> kernel.Norm:
        return kernel.Norm(self._pointer(norm.weight.detach().float()), self._pointer(norm.bias.detach().float()))

    def _linear(self, linear: nn.Module) -> kernel.Linear:
        assert isinstance(linear, Int8Linear)
        weights, scales, bias = linear.unpacked()
        outputs, inputs = weights.shape
        padding = -outputs % GROUP
        weights = nn.functional.pad(weights, (0, 0, 0, padding))
        packed = weights.view(-1, GROUP // BLOCK, BLOCK, inputs // 4, 4).permute(0, 3, 1, 2, 4)
        return kernel.Linear(
            self._pointer(packed),
            self._pointer(nn.functional.pad(scales, (0, padding))),
            None if bias is None else self._pointer(nn.functional.pad(bias, (0, padding))),
            self._pointer(weights.sum(1, dtype=torch.int32)),
            inputs,
            outputs,
        )

    def _pointer(self, tensor: Tensor) -> int:
        self._kept.append(tensor.contiguous())
        return self._kept[-1].data_ptr()


class _Workspace:
    """Memory for what lies between the layers, as much as the largest pass so far took."""

    def __init__(self, shape: Shape) -> None:
        self._width = shape.width
        self._rows = kernel.Rows()
        self._kept: list[Tensor] = []
        self._size = 0

    def rows(self, count: int) -> kernel.Rows:
        """Rows whose workspace suffices for `count`."""
        if count > self._size:
            self._size = 1 << (count - 1).bit_length()
            width = self._width
            self._kept = [
                *(torch.empty(self._size, size) for size in (width, 4 * width, width)),
                torch.empty(self._size, 4 * width, dtype=torch.uint8),
                torch.empty(self._size),
                *(torch.empty(self._size, dtype=torch.int32) for _ in range(2)),
            ]
            for name, tensor in zip(
                ("hidden", "wide", "mixed", "bytes", "scales", "zeros", "owners"), self._kept, strict=True
            ):
                setattr(self._rows, name, tensor.data_ptr())
        return self._rows


def _address(array: Ints) -> int:
    return array.ctypes.data
