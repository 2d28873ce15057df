"""The residual generator and critic without normalisation layers (R3GAN).

Huang, Gokaslan, Kuleshov and Tompkin, 2024, "The GAN is dead; long live the GAN! A modern GAN baseline". Tags reach the
generator as the sum of their embeddings beside the latent, and the critic by projection: its score is w·f + e(tags)·f
for features f (Miyato and Koyama, 2018, "cGANs with projection discriminator").
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from generation.images.networks.architecture import SMALLEST, Architecture
from generation.images.networks.blocks import ResidualBlock, TagEmbedding, doubled, halved, scaled


class ResidualGenerator(nn.Module):
    """Latents [N, latent] and tags [N, tags] to pictures [N, C, H, W]; the output is not squashed."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        first, last = architecture.widths[0], architecture.widths[-1]
        self.tags = TagEmbedding(architecture.tags, architecture.embedding)
        self.basis = nn.Parameter(torch.randn(first, SMALLEST, SMALLEST))
        self.scale = scaled(nn.Linear(architecture.latent + architecture.embedding, first))
        self.first = _blocks(first, architecture.blocks)
        self.stages = nn.ModuleList(
            nn.ModuleDict({"narrow": _changed(wide, narrow), "blocks": _blocks(narrow, architecture.blocks)})
            for wide, narrow in pairwise(architecture.widths)
        )
        self.colour = scaled(nn.Conv2d(last, architecture.channels * architecture.patch**2, 1))
        self.patches = nn.PixelShuffle(architecture.patch)

    def forward(self, latents: Tensor, tags: Tensor) -> Tensor:
        scale = self.scale(torch.cat((latents, self.tags(tags)), 1))
        features = self.first(self.basis * scale[:, :, None, None])  # [N, C, 4, 4]
        for stage in self.stages:
            assert isinstance(stage, nn.ModuleDict)
            features = stage["blocks"](doubled(stage["narrow"](features)))
        pictures: Tensor = self.patches(self.colour(features))
        return pictures


class ResidualCritic(nn.Module):
    """Pictures [N, C, H, W] and tags [N, tags] to scores [N]: the mirror of the generator."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        widths = architecture.widths[::-1]
        last = widths[-1]
        self.patches = nn.PixelUnshuffle(architecture.patch)
        self.colour = scaled(nn.Conv2d(architecture.channels * architecture.patch**2, widths[0], 1))
        self.stages = nn.ModuleList(
            nn.ModuleDict({"blocks": _blocks(narrow, architecture.blocks), "widen": _changed(narrow, wide)})
            for narrow, wide in pairwise(widths)
        )
        self.last = _blocks(last, architecture.blocks)
        self.basis = scaled(nn.Conv2d(last, last, SMALLEST, groups=last, bias=False))
        self.features = scaled(nn.Linear(last, architecture.embedding))
        self.plain = scaled(nn.Linear(architecture.embedding, 1))
        self.tags = TagEmbedding(architecture.tags, architecture.embedding)

    def forward(self, pictures: Tensor, tags: Tensor) -> Tensor:
        features = self.colour(self.patches(pictures))
        for stage in self.stages:
            assert isinstance(stage, nn.ModuleDict)
            features = stage["widen"](halved(stage["blocks"](features)))
        features = self.features(self.basis(self.last(features)).flatten(1))
        return projected(features, self.plain(features), self.tags(tags))


def projected(features: Tensor, plain: Tensor, embedded: Tensor) -> Tensor:
    """The score w·f + e(tags)·f/√width in [N] of features [N, width]."""
    width: int = features.shape[1]
    scores: Tensor = plain.squeeze(1) + (features * embedded).sum(1) * width**-0.5
    return scores


def _blocks(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(width) for _ in range(count)))


def _changed(before: int, after: int) -> nn.Module:
    return nn.Identity() if before == after else scaled(nn.Conv2d(before, after, 1, bias=False))
