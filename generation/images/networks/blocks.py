"""Parts that several networks are built from."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2
GROUP = 32  # feature maps that one group of a convolution sees
EXPANSION = 2

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


class TagEmbedding(nn.Module):
    """The sum of the embeddings of a picture's tags: [N, tags] to [N, width]; zero without tags."""

    def __init__(self, tags: int, width: int) -> None:
        super().__init__()
        self.embeddings = nn.Parameter(torch.randn(tags, width))

    def forward(self, tags: Tensor) -> Tensor:
        return tags @ self.embeddings


class ResidualBlock(nn.Module):
    """x + f(x) where f is 1x1, grouped 3x3 and 1x1 convolutions with LeakyReLU, and no normalisation.

    The last convolution begins at zero, so that the block begins as the identity and deep stacks stay in bounds
    (Huang et al., 2024, "The GAN is dead; long live the GAN!", section 3; Zhang et al., 2019, "Fixup").
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = EXPANSION * width
        self.enter = scaled(nn.Conv2d(width, inner, 1))
        self.spread = scaled(nn.Conv2d(inner, inner, 3, padding=1, groups=max(inner // GROUP, 1)))
        self.leave = scaled(nn.Conv2d(inner, width, 1, bias=False), gain=0.0)

    def forward(self, features: Tensor) -> Tensor:
        inner = functional.leaky_relu(self.enter(features), SLOPE)
        inner = functional.leaky_relu(self.spread(inner), SLOPE)
        changed: Tensor = features + self.leave(inner)
        return changed


def scaled(layer: Layer, gain: float = 1.0) -> Layer:
    """The layer with weights of variance gain² / inputs and no bias yet (He et al., 2015)."""
    with torch.no_grad():
        inputs = layer.weight[0].numel()
        layer.weight.normal_(0.0, 1.0).mul_(gain * inputs**-0.5)
        if layer.bias is not None:
            layer.bias.zero_()
    return layer


def doubled(features: Tensor) -> Tensor:
    """[N, C, H, W] to [N, C, 2H, 2W], bilinear."""
    return functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


def halved(features: Tensor) -> Tensor:
    """[N, C, H, W] to [N, C, H/2, W/2], bilinear: the mean of each four."""
    return functional.avg_pool2d(features, 2)
