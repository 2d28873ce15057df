"""A small residual network that tells a picture's tags, and whose inner features measure generators.

He et al., 2016, "Deep residual learning for image recognition"; 0.3 million weights, so that it learns within minutes
on a CPU.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (32, 64, 128)
SEEN = 64
"""Larger pictures are looked at in this size."""


class ClassifierNetwork(nn.Module):
    """Pictures [N, C, H, W] from -1 to 1 to features [N, 128], and those to one logit an output."""

    def __init__(self, channels: int, size: int, outputs: int) -> None:
        super().__init__()
        self._seen = min(size, SEEN)
        stem = nn.Conv2d(channels, WIDTHS[0], 3, stride=2 if self._seen == SEEN else 1, padding=1, bias=False)
        blocks = [_Block(inputs, width) for inputs, width in zip((WIDTHS[0], *WIDTHS), WIDTHS, strict=False)]
        self.body = nn.Sequential(stem, nn.BatchNorm2d(WIDTHS[0]), nn.ReLU(), *blocks)
        self.head = nn.Linear(WIDTHS[-1], outputs)

    def features(self, pictures: Tensor) -> Tensor:
        """[N, 128], the mean over the last feature maps."""
        if pictures.shape[-1] > self._seen:
            pictures = functional.interpolate(pictures, (self._seen, self._seen), mode="area")
        features: Tensor = self.body(pictures).mean((2, 3))
        return features

    def forward(self, pictures: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(pictures))
        return logits


class _Block(nn.Module):
    """Halves the size: shortcut plus two convolutions, with batch normalisation."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, features: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(features)))
        inner = self.second_norm(self.second(inner))
        return functional.relu(inner + self.shortcut(features))
