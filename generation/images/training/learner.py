"""What the course of a run asks of whatever learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from generation.images.training.batches import Batch


@dataclass(frozen=True, slots=True)
class Moment:
    """A step's number, the share of the run that is done (0 to 1), all its chance, and how often the run has gone back
    to an earlier state for having diverged."""

    step: int
    share: float
    chance: torch.Generator
    setbacks: int


class Learner(Protocol):
    """Networks with their optimisers."""

    @property
    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        """Everything that the next step depends on, by name."""

    def step(self, batch: Batch, moment: Moment) -> dict[str, float]:
        """One update; the losses by name."""

    def drawn(self, latents: Tensor, tags: Tensor) -> Tensor:
        """Pictures [N, C, H, W] of the averaged network, for latents [N, latent] from N(0, I)."""
