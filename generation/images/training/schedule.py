"""How learning rates and weights change over a run, by the share of it that is done."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch

WARM_UP = 0.1


def cosine(first: float, last: float, share: float) -> float:
    """From first at 0 to last at 1, along half a cosine."""
    return last + (first - last) * 0.5 * (1.0 + math.cos(math.pi * min(max(share, 0.0), 1.0)))


def warm_up(share: float) -> float:
    """From 0 to 1 during the first tenth."""
    return min(share / WARM_UP, 1.0)


def set_rate(optimizers: Iterable[torch.optim.Optimizer], rate: float) -> None:
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
