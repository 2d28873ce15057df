"""What makes training faster on devices that can: bfloat16 and compiled networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import nn

from generation.images.training.options import Precision


def autocast(precision: Precision, device: torch.device) -> Callable[..., torch.autocast]:
    """Makes contexts in which networks compute in bfloat16; `auto` is where the device has instructions for it."""
    fast = device.type == "cuda" or bool(torch.cpu._is_avx512_bf16_supported())
    wanted = fast if precision == "auto" else precision == "bf16"

    def context(*, enabled: bool = True) -> torch.autocast:
        return torch.autocast(device.type, torch.bfloat16, enabled=wanted and enabled)

    return context


def compiled(network: nn.Module, device: torch.device) -> nn.Module:
    """The network for GPUs, where a minute of compiling is soon won back; the same weights, under the same names.

    Not for a critic: the penalties differentiate it twice, which compiled networks do not support.
    """
    return cast("nn.Module", torch.compile(network)) if device.type == "cuda" else network
