"""The yardstick of training speed: a DCGAN as every tutorial writes it, without tags, average, checks or samples."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy


def generator(latent: int, widths: Sequence[int], channels: int) -> nn.Sequential:
    """Latents [N, latent, 1, 1] to pictures."""
    layers: list[nn.Module] = [nn.ConvTranspose2d(latent, widths[0], 4), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    for wide, narrow in pairwise(widths):
        layers += [nn.ConvTranspose2d(wide, narrow, 4, 2, 1), nn.BatchNorm2d(narrow), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(widths[-1], channels, 4, 2, 1), nn.Tanh())


def critic(widths: Sequence[int], channels: int) -> nn.Sequential:
    """Pictures to logits [N, 1, 1, 1]."""
    layers: list[nn.Module] = [nn.Conv2d(channels, widths[-1], 4, 2, 1), nn.LeakyReLU(0.2)]
    for narrow, wide in pairwise(reversed(widths)):
        layers += [nn.Conv2d(narrow, wide, 4, 2, 1), nn.BatchNorm2d(wide), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(widths[0], 1, 4))


def pictures_per_second(pictures: Tensor, latent: int, widths: Sequence[int], batch: int, steps: int) -> float:
    """Trains on pictures [N, C, H, W] for `steps` steps."""
    make, judge = generator(latent, widths, pictures.shape[1]), critic(widths, pictures.shape[1])
    making, judging = (torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999)) for net in (make, judge))
    yes, no = torch.ones(batch, 1, 1, 1), torch.zeros(batch, 1, 1, 1)
    started = time.perf_counter()
    for _ in range(steps):
        real = pictures[torch.randint(len(pictures), (batch,))]
        drawn = make(torch.randn(batch, latent, 1, 1))
        judging.zero_grad()
        loss = cross_entropy(judge(real), yes) + cross_entropy(judge(drawn.detach()), no)
        loss.backward()  # type: ignore[no-untyped-call]
        judging.step()
        making.zero_grad()
        cross_entropy(judge(drawn), yes).backward()  # type: ignore[no-untyped-call]
        making.step()
    return steps * batch / (time.perf_counter() - started)
