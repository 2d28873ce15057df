"""The reference: DCGAN (Radford, Metz and Chintala, 2015), with tags as the residual networks have them."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from generation.images.networks.architecture import SMALLEST, Architecture
from generation.images.networks.blocks import SLOPE, TagEmbedding
from generation.images.networks.residual import projected

DEVIATION = 0.02  # of the weights in the beginning, as in the paper


class DCGANGenerator(nn.Module):
    """Latents [N, latent] and tags [N, tags] to pictures [N, C, H, W], by transposed convolutions and a tanh."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        widths = architecture.widths
        self.tags = TagEmbedding(architecture.tags, architecture.embedding)
        entering = architecture.latent + architecture.embedding
        layers: list[nn.Module] = [nn.ConvTranspose2d(entering, widths[0], SMALLEST, bias=False), *_normed(widths[0])]
        for wide, narrow in pairwise(widths):
            layers += [nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=False), *_normed(narrow)]
        layers += [nn.ConvTranspose2d(widths[-1], architecture.channels, 4, stride=2, padding=1), nn.Tanh()]
        self.layers = nn.Sequential(*layers).apply(_begin)

    def forward(self, latents: Tensor, tags: Tensor) -> Tensor:
        entering = torch.cat((latents, self.tags(tags)), 1)
        pictures: Tensor = self.layers(entering[:, :, None, None])
        return pictures


class DCGANCritic(nn.Module):
    """Pictures [N, C, H, W] and tags [N, tags] to scores [N], the logits that a picture is real."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        widths = architecture.widths[::-1]
        layers: list[nn.Module] = [nn.Conv2d(architecture.channels, widths[0], 4, stride=2, padding=1)]
        layers.append(nn.LeakyReLU(SLOPE))
        for narrow, wide in pairwise(widths):
            layers += [nn.Conv2d(narrow, wide, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(wide)]
            layers.append(nn.LeakyReLU(SLOPE))
        layers.append(nn.Conv2d(widths[-1], architecture.embedding, SMALLEST))
        self.layers = nn.Sequential(*layers).apply(_begin)
        self.plain = nn.Linear(architecture.embedding, 1)
        self.tags = TagEmbedding(architecture.tags, architecture.embedding)

    def forward(self, pictures: Tensor, tags: Tensor) -> Tensor:
        features = self.layers(pictures).flatten(1)
        return projected(features, self.plain(features), self.tags(tags))


def _normed(width: int) -> tuple[nn.Module, nn.Module]:
    return nn.BatchNorm2d(width), nn.ReLU()


def _begin(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0.0, DEVIATION)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1.0, DEVIATION)
