"""Changes to pictures that a critic sees, real and drawn alike, so that it cannot learn a small set by heart.

Zhao et al., 2020, "Differentiable augmentation for data-efficient GAN training". All are differentiable with regard to
the pictures [N, C, H, W] and decided by `chance` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Policy = Literal["colour", "translation", "cutout"]
SHIFT = 1 / 8  # of the side, at most
HOLE = 1 / 2  # of the side


def augmented(pictures: Tensor, policies: Iterable[Policy], chance: torch.Generator) -> Tensor:
    """The pictures, each changed by all of the policies in its own way."""
    for policy in policies:
        pictures = _POLICIES[policy](pictures, chance)
    return pictures


def mirrored(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Half of the pictures with left and right exchanged."""
    turned = _uniform(pictures, chance) < 0.5
    return torch.where(turned, pictures.flip(3), pictures)


def _colour(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Brightness ± 0.5, saturation times 0 to 2, contrast times 0.5 to 1.5."""
    pictures = pictures + (_uniform(pictures, chance) - 0.5)
    grey = pictures.mean(1, keepdim=True)
    pictures = grey + (pictures - grey) * (2.0 * _uniform(pictures, chance))
    mean = pictures.mean((1, 2, 3), keepdim=True)
    return mean + (pictures - mean) * (0.5 + _uniform(pictures, chance))


def _translation(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Moved by whole pixels; what comes in from outside is 0."""
    count, _, height, width = pictures.shape
    furthest = max(int(height * SHIFT), 1)
    down, right = (_integers(pictures, 2 * furthest + 1, chance) for _ in range(2))  # each [N, 1, 1]
    padded = functional.pad(pictures, [furthest] * 4)
    rows = torch.arange(height, device=pictures.device)[None, :, None] + down
    columns = torch.arange(width, device=pictures.device)[None, None, :] + right
    numbers = torch.arange(count, device=pictures.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[numbers, rows, columns].permute(0, 3, 1, 2)


def _cutout(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """A square of half the side, which may reach over the edge, is set to 0."""
    height, width = pictures.shape[2:]
    half = int(height * HOLE) // 2
    middle_row, middle_column = _integers(pictures, height, chance), _integers(pictures, width, chance)
    rows = torch.arange(height, device=pictures.device)[None, :, None]
    columns = torch.arange(width, device=pictures.device)[None, None, :]
    inside = ((rows - middle_row).abs() < half) & ((columns - middle_column).abs() < half)
    return pictures * ~inside[:, None]


_POLICIES: dict[Policy, Callable[[Tensor, torch.Generator], Tensor]] = {
    "colour": _colour,
    "translation": _translation,
    "cutout": _cutout,
}


def _uniform(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """One number from 0 to 1 for each picture, [N, 1, 1, 1]."""
    return torch.rand(len(pictures), 1, 1, 1, generator=chance).to(pictures.device)


def _integers(pictures: Tensor, below: int, chance: torch.Generator) -> Tensor:
    """One whole number for each picture, [N, 1, 1]."""
    return torch.randint(below, (len(pictures), 1, 1), generator=chance).to(pictures.device)
