"""The residual variational autoencoder (Kingma and Welling, 2013, "Auto-encoding variational Bayes")."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.images.networks.architecture import SMALLEST, Architecture
from generation.images.networks.blocks import TagEmbedding, doubled, halved, scaled

GROUPS = 8
LOWEST, HIGHEST = -10.0, 4.0  # bounds of log σ², so that neither e^x nor its inverse runs away


class VariationalAutoencoder(nn.Module):
    """Pictures [N, C, H, W] to the mean and log variance of their latents [N, latent], and latents back to pictures.

    Both ways see the tags [N, tags] (Sohn, Lee and Yan, 2015), so that the latent need not hold what the tags say.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.encoder = _Encoder(architecture)
        self.decoder = _Decoder(architecture)

    def encode(self, pictures: Tensor, tags: Tensor) -> tuple[Tensor, Tensor]:
        """Mean μ and log σ², both [N, latent]."""
        mean, log_variance = self.encoder(pictures, tags).chunk(2, 1)
        return mean, log_variance.clamp(LOWEST, HIGHEST)

    def decode(self, latents: Tensor, tags: Tensor) -> Tensor:
        """The expected pictures [N, C, H, W]; not squashed."""
        pictures: Tensor = self.decoder(latents, tags)
        return pictures

    def forward(self, pictures: Tensor, tags: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstructions, μ and log σ², by z = μ + σ·noise with noise [N, latent] from N(0, I)."""
        mean, log_variance = self.encode(pictures, tags)
        return self.decode(mean + (0.5 * log_variance).exp() * noise, tags), mean, log_variance


class _Encoder(nn.Module):
    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        widths = architecture.widths[::-1]
        channels = architecture.channels * architecture.patch**2
        layers: list[nn.Module] = [nn.PixelUnshuffle(architecture.patch), nn.Conv2d(channels, widths[0], 3, padding=1)]
        for narrow, wide in pairwise(widths):
            layers += [_NormalisedBlock(narrow) for _ in range(architecture.blocks)]
            layers += [nn.Conv2d(narrow, wide, 1), _Halving()]
        layers += [_NormalisedBlock(widths[-1]) for _ in range(architecture.blocks)]
        layers += [nn.GroupNorm(GROUPS, widths[-1]), nn.SiLU(), nn.Flatten()]
        self.layers = nn.Sequential(*layers)
        self.tags = TagEmbedding(architecture.tags, architecture.embedding)
        entering = widths[-1] * SMALLEST**2 + architecture.embedding
        self.leave = scaled(nn.Linear(entering, 2 * architecture.latent))

    def forward(self, pictures: Tensor, tags: Tensor) -> Tensor:
        features = self.layers(pictures)
        moments: Tensor = self.leave(torch.cat((features, self.tags(tags)), 1))
        return moments


class _Decoder(nn.Module):
    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        widths = architecture.widths
        self.tags = TagEmbedding(architecture.tags, architecture.embedding)
        entering = architecture.latent + architecture.embedding
        self.enter = scaled(nn.Linear(entering, widths[0] * SMALLEST**2))
        layers: list[nn.Module] = [_NormalisedBlock(widths[0]) for _ in range(architecture.blocks)]
        for wide, narrow in pairwise(widths):
            layers += [nn.Conv2d(wide, narrow, 1), _Doubling()]
            layers += [_NormalisedBlock(narrow) for _ in range(architecture.blocks)]
        layers += [nn.GroupNorm(GROUPS, widths[-1]), nn.SiLU()]
        channels = architecture.channels * architecture.patch**2
        layers += [nn.Conv2d(widths[-1], channels, 3, padding=1), nn.PixelShuffle(architecture.patch)]
        self.layers = nn.Sequential(*layers)

    def forward(self, latents: Tensor, tags: Tensor) -> Tensor:
        features = self.enter(torch.cat((latents, self.tags(tags)), 1))
        pictures: Tensor = self.layers(features.unflatten(1, (-1, SMALLEST, SMALLEST)))
        return pictures


class _NormalisedBlock(nn.Module):
    """x + f(x) where f is twice: GroupNorm, SiLU, 3x3 convolution; the last convolution begins at zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.GroupNorm(GROUPS, width), nn.GroupNorm(GROUPS, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = scaled(nn.Conv2d(width, width, 3, padding=1), gain=0.0)

    def forward(self, features: Tensor) -> Tensor:
        inner = self.first(functional.silu(self.first_norm(features)))
        inner = self.second(functional.silu(self.second_norm(inner)))
        changed: Tensor = features + inner
        return changed


class _Halving(nn.Module):
    def forward(self, features: Tensor) -> Tensor:
        return halved(features)


class _Doubling(nn.Module):
    def forward(self, features: Tensor) -> Tensor:
        return doubled(features)
