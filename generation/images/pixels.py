"""Between pictures as bytes, uint8 [N, H, W, C], and as tensors for networks, float [N, C, H, W] from -1 to 1."""

from __future__ import annotations

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_tensor(pictures: NDArray[numpy.uint8]) -> Tensor:
    return torch.from_numpy(numpy.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float() / 127.5 - 1.0


def to_pictures(tensor: Tensor) -> NDArray[numpy.uint8]:
    """What lies outside of -1 to 1 is cut off."""
    levels = ((tensor.detach().float().cpu().clamp(-1.0, 1.0) + 1.0) * 127.5).round().to(torch.uint8)
    return numpy.ascontiguousarray(levels.numpy().transpose(0, 2, 3, 1))
