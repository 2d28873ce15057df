"""The exponential moving average of a network's weights, which draws better than the weights of any one step."""

from __future__ import annotations

import copy

import torch
from torch import nn

DECAY = 0.998


class Average:
    """avg <- d·avg + (1 - d)·weights with d = min(0.998, (1 + step) / (10 + step)), so that the beginning is forgotten
    (Yazıcı et al., 2018, "The unusual effectiveness of averaging in GAN training")."""

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        decay = min(DECAY, (1 + step) / (10 + step))
        for mean, weight in zip(self.network.parameters(), network.parameters(), strict=True):
            mean.lerp_(weight, 1 - decay)
        for kept, buffer in zip(self.network.buffers(), network.buffers(), strict=True):
            kept.copy_(buffer)
