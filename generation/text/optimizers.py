"""The optimisers of a training run and their learning rate over its course."""

from __future__ import annotations

import math

import torch
from torch import nn


def make_optimizers(model: nn.Module, learning_rate: float, weight_decay: float) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al., 2024) for the blocks' matrices, AdamW for embeddings, norms, biases and adapters.

    Muon's step is scaled to AdamW's usual size (Liu et al., 2025, "Muon is Scalable"), so one rate serves both.
    """
    trained = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    matrices = [weight for name, weight in trained if weight.ndim == 2 and ".h." in name and "lora_" not in name]
    known = {id(weight) for weight in matrices}
    others = [weight for _, weight in trained if id(weight) not in known]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=learning_rate, betas=(0.9, 0.95), weight_decay=0.0)
    ]
    if matrices:
        optimizers.append(
            torch.optim.Muon(matrices, lr=learning_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
        )
    return optimizers


def rate(progress: float, warm_up: float = 0.02, floor: float = 0.02) -> float:
    """The share of the full learning rate at `progress` (0 to 1): linear warm-up, then a cosine to `floor`."""
    if progress < warm_up:
        return max(progress, 1e-4) / warm_up
    course = (progress - warm_up) / (1 - warm_up)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(course, 1.0)))
