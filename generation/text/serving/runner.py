"""One pass of the model for the engine: segments of tokens in, each speaker's next token out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from generation.text.model import Shape
from generation.text.serving.cache import Branch, Segment
from generation.text.serving.requests import Active
from generation.text.serving.sampling import UNUSABLE, choose

Tokens = Callable[[], list[int]]
"""Waits for the tokens of a step, one for each that speaks."""
PROBE = 64  # tokens: as many as a step of some chats and a part of a prompt have
TRIES = 64  # tokens that a reply's rules may refuse one after the other


class Runner(ABC):
    """A model on a device with its cache; what it is run by is up to its kinds."""

    runs_ahead = False
    """Whether the next step may be launched before this one's tokens are known."""

    def __init__(self, shape: Shape, device: torch.device) -> None:
        self._device = device
        self._context = shape.context

    @abstractmethod
    def copy(self, source: int, target: int, count: int) -> None:
        """Gives a slot the first `count` tokens of another one."""

    @abstractmethod
    def _read(self, segments: Sequence[Segment], ids: Tensor) -> Tensor:
        """Reads the segments' `ids`; the logits [B, vocabulary] after each segment that speaks."""

    @abstractmethod
    def _branch_logits(self, branches: Sequence[Branch], counts: Sequence[int]) -> Tensor:
        """The logits [sum of counts, vocabulary] that foretell the last tokens of each branch."""

    def launch(self, segments: Sequence[Segment], speaking: Sequence[Active]) -> Tokens:
        """Reads the segments; the next token of each that speaks, whose requests are `speaking` in the same order.

        UNUSABLE stands for a token where the model gave no numbers. The tokens are asked for when they are needed.
        """
        logits = self._read(segments, self._ids(segments))
        tokens = self._choose(logits, speaking) if speaking else []
        return lambda: tokens

    def _ids(self, segments: Sequence[Segment]) -> Tensor:
        return self._on_device([token for segment in segments for token in segment.ids])

    def _on_device(self, numbers: Sequence[float], dtype: torch.dtype = torch.long) -> Tensor:
        return torch.tensor(numbers, dtype=dtype, device=self._device)

    def read(self, segment: Segment) -> None:
        """Reads a segment whose next token nobody wants."""
        self._read([segment], self._ids([segment]))

    def probe(self) -> None:
        """A pass whose time tells how quick the model is; it leaves no trace."""
        count = min(PROBE, self._context)
        self.log_likelihoods([Branch(0, 0, [0] * count)], [1])

    def log_likelihoods(self, branches: Sequence[Branch], counts: Sequence[int]) -> list[float]:
        """The mean log-likelihood of the last tokens of each branch, as many as `counts` say; 0 for none."""
        words = [
            token for branch, n in zip(branches, counts, strict=True) for token in branch.ids[len(branch.ids) - n :]
        ]
        logits = self._branch_logits(branches, counts).float()
        losses = F.cross_entropy(logits, self._on_device(words), reduction="none")
        return [-float(part.mean()) if len(part) else 0.0 for part in torch.split(losses, list(counts))]

    def _choose(self, logits: Tensor, speaking: Sequence[Active]) -> list[int]:
        for row, active in enumerate(speaking):
            if active.request.rules.choices:
                logits[row] = _only(logits[row], active)
        chosen: list[int] = self._drawn(logits, speaking).tolist()
        for row, active in enumerate(speaking):
            if active.request.rules.refuses:
                chosen[row] = self._obeying(logits[row : row + 1], chosen[row], active)
        return chosen

    def _obeying(self, logits: Tensor, token: int, active: Active) -> int:
        """The token, or another one drawn instead if the reply's rules refuse it; the reply ends if they refuse all."""
        rules, refused = active.request.rules, 0
        while token != UNUSABLE and rules.refuse(active.said, token):
            refused += 1
            if refused > TRIES:
                return next(iter(active.request.stop_ids), UNUSABLE)
            logits[:, token] = float("-inf")
            token = int(self._drawn(logits, [active]))
        return token

    def _drawn(self, logits: Tensor, speaking: Sequence[Active]) -> Tensor:
        settings = [active.request.sampling for active in speaking]
        draws = self._on_device([active.random.random() for active in speaking], torch.float32)
        return choose(logits, settings, self._said(speaking), draws)

    def _said(self, speaking: Sequence[Active]) -> Tensor:
        """The tokens of each reply, [B, longest], filled up with -1; none if no request counts against them."""
        if all(active.request.sampling.repetition_penalty == 1 for active in speaking):
            return torch.empty(len(speaking), 0, dtype=torch.long, device=self._device)
        longest = max(len(active.said) for active in speaking)
        rows = [active.said + [-1] * (longest - len(active.said)) for active in speaking]
        return torch.tensor(rows, dtype=torch.long, device=self._device).view(len(rows), longest)


def _only(logits: Tensor, active: Active) -> Tensor:
    """The logits of what may follow by the request's choices, all others impossible."""
    rules, request = active.request.rules, active.request
    allowed = set(rules.allowed(active.said) or ())
    if rules.may_end(active.said):
        allowed |= request.stop_ids
    index = torch.tensor(sorted(allowed), device=logits.device)
    only = torch.full_like(logits, float("-inf"))
    only[index] = logits[index]
    return only
