"""Steps on a GPU: bf16, replayed as CUDA graphs, and never waited for before the next one is launched.

A step of one token each is launched as one graph for its number of slots and longest request, both rounded up to
a power of two, as launching its kernels one by one would take longer than they run. Tokens stay on the GPU, where
the next step takes them from; the host reads them one step late.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from generation.text.model import GPT2
from generation.text.serving.cache import Cache, PaddedAttention, Segment
from generation.text.serving.requests import Active
from generation.text.serving.runner import Tokens
from generation.text.serving.torch_runner import TorchRunner

SHORTEST = 128  # tokens that a graph looks at, at least


class GraphRunner(TorchRunner):
    """A model on a GPU. On other devices the same steps run without graphs, which is how they are tested."""

    runs_ahead = True
    _block = 1024

    def __init__(self, model: GPT2, slots: int, device: torch.device, dtype: torch.dtype = torch.bfloat16) -> None:
        super().__init__(copy.deepcopy(model).to(device, dtype), slots, device, dtype)
        self._cache = Cache(model.shape, slots, device, dtype, aside=True)
        for block in self._cache.layers:
            block.zero_()  # masked places are multiplied by zero, which must not meet a NaN
        self._last = torch.zeros(slots, dtype=torch.long, device=device)
        self._places = torch.full((slots,), self._context, dtype=torch.long, device=device)
        self._history = torch.full((slots, self._context), -1, dtype=torch.long, device=device)
        self._steps: dict[tuple[int, int], Callable[[], Tensor]] = {}

    def probe(self) -> None:
        """On a GPU the host's threads do not matter."""

    def launch(self, segments: Sequence[Segment], speaking: Sequence[Active]) -> Tokens:
        """As for every runner; requests with rules must have all of their tokens known."""
        logits = self._logits(segments)
        if not speaking:
            return lambda: []
        self._recall(speaking)
        if any(active.request.rules for active in speaking):
            chosen = self._on_device(self._choose(logits, speaking))
        else:
            chosen = self._drawn(logits, speaking)
        self._note(speaking, chosen)
        return self._to_host(chosen)

    def _logits(self, segments: Sequence[Segment]) -> Tensor:
        """[B, vocabulary], those of single tokens by a graph and those of prompts one by one."""
        single = [segment for segment in segments if segment.speaks and len(segment.ids) == 1]
        stretches = [segment for segment in segments if segment not in single]
        if not stretches:
            return self._step(single)
        logits = self._read(stretches, self._ids(stretches))
        if not single:
            return logits
        known = [segment.slot for segment in (*single, *stretches) if segment.speaks]
        order = [known.index(segment.slot) for segment in segments if segment.speaks]
        return torch.cat([self._step(single), logits])[self._on_device(order)]

    def _ids(self, segments: Sequence[Segment]) -> Tensor:
        """The tokens to read; those that only the GPU knows yet are taken from there."""
        ids = super()._ids(segments)
        slots = self._on_device([segment.slot for segment in segments for _ in segment.ids])
        return torch.where(ids < 0, self._last[slots], ids)

    def _step(self, segments: Sequence[Segment]) -> Tensor:
        slots = self._on_device([segment.slot for segment in segments])
        self._last[slots] = self._ids(segments)
        self._places.fill_(self._context)  # slots that nobody speaks in write where nobody reads
        self._places[slots] = self._on_device([segment.start for segment in segments])
        rows = _rounded(max(segment.slot for segment in segments) + 1, 1, len(self._places))
        longest = _rounded(max(segment.end for segment in segments), SHORTEST, self._context)
        if (rows, longest) not in self._steps:
            self._steps[rows, longest] = self._captured(rows, longest)
        return self._steps[rows, longest]()[slots]

    def _captured(self, rows: int, longest: int) -> Callable[[], Tensor]:
        """The step as a graph, to [rows, vocabulary] logits that the next replay overwrites."""

        def step() -> Tensor:
            places = self._places[:rows]
            attention = PaddedAttention(self._cache, places, longest)
            hidden = self._decoder(self._last[:rows], places.clamp(max=self._context - 1), attention)
            return self._decoder.logits(hidden)

        if self._device.type != "cuda":
            return step
        step()  # chooses kernels and allocates workspaces, which a capture must not
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            logits = step()

        def replay() -> Tensor:
            graph.replay()
            return logits

        return replay

    def _said(self, speaking: Sequence[Active]) -> Tensor:
        if all(active.request.sampling.repetition_penalty == 1 for active in speaking):
            return super()._said(speaking)
        longest = max(len(active.said) + active.ahead for active in speaking)
        return self._history[self._on_device([active.slot for active in speaking]), :longest]

    def _recall(self, speaking: Sequence[Active]) -> None:
        """Brings what the host knows of replies whose tokens are not all here, such as new ones."""
        for active in speaking:
            if not active.ahead:
                self._history[active.slot] = -1
                self._history[active.slot, : len(active.said)] = self._on_device(active.said)

    def _note(self, speaking: Sequence[Active], chosen: Tensor) -> None:
        """Keeps the tokens for the next step, and what each reply has said for its repetition penalty."""
        slots = self._on_device([active.slot for active in speaking])
        self._last[slots] = chosen
        self._history[slots, self._on_device([len(active.said) + active.ahead for active in speaking])] = chosen

    def _to_host(self, chosen: Tensor) -> Tokens:
        if self._device.type != "cuda":
            return chosen.tolist
        host = torch.empty(chosen.shape, dtype=chosen.dtype, pin_memory=True)
        host.copy_(chosen, non_blocking=True)
        copied = torch.cuda.Event()  # type: ignore[no-untyped-call]
        copied.record()

        def tokens() -> list[int]:
            copied.synchronize()
            return list(host.tolist())

        return tokens

    def _on_device(self, numbers: Sequence[float], dtype: torch.dtype = torch.long) -> Tensor:
        """From pinned memory, so that the copy waits for nothing that the GPU has still to do."""
        made = torch.tensor(numbers, dtype=dtype)
        return made.pin_memory().to(self._device, non_blocking=True) if self._device.type == "cuda" else made


def _rounded(number: int, least: int, most: int) -> int:
    """The next power of two within the bounds."""
    return min(max(1 << (number - 1).bit_length(), least), most)
