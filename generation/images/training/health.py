"""Whether a run is well: its losses are numbers, and what it draws still varies."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch

from generation.images.training.batches import Batches, chance_of
from generation.images.training.learner import Learner
from generation.images.training.state import State

PAIRS = 16
YOUNG = 500  # steps before which variety is not judged, since a new generator has none
WELL = 0.15  # a variety that shows that the run had been well
COLLAPSED = 0.05
FEW = "what it draws has become nearly the same picture for every seed"
NOT_NUMBERS = "a loss is not a number any more"


class Health:
    """`variety` is the distance between pictures that are drawn for the same tags and different seeds, as a share of
    the distance between two real pictures; both are root mean squares over pixels."""

    def __init__(self, batches: Batches, latent: int, device: torch.device) -> None:
        chance = chance_of(0, PAIRS)
        ones, others = batches.draw(chance), batches.draw(chance)
        self._real = _distance(ones.pictures, others.pictures)
        self._tags = ones.tags[:PAIRS]
        self._latents = torch.randn(2, len(self._tags), latent, generator=chance).to(device)

    def variety(self, learner: Learner) -> float:
        ones, others = (learner.drawn(latents, self._tags) for latents in self._latents)
        return _distance(ones, others) / max(self._real, 1e-6)

    @staticmethod
    def complaint(state: State, losses: Mapping[str, float]) -> str | None:
        """What is wrong with the losses of a step or the variety last noted, if anything."""
        if not all(math.isfinite(loss) for loss in losses.values()):
            return NOT_NUMBERS
        judged = [variety for step, variety in state.variety if step >= YOUNG]
        if judged and not math.isfinite(judged[-1]):
            return NOT_NUMBERS
        if judged and max(judged) >= WELL and judged[-1] < COLLAPSED:
            return FEW
        return None


def _distance(ones: torch.Tensor, others: torch.Tensor) -> float:
    return float((ones - others).square().mean().sqrt())
