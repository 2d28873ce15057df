"""Where picture models compute."""

from __future__ import annotations

import torch

from generation.errors import ModelUnusable


def device_of(name: str) -> torch.device:
    """`auto` (a GPU if there is one), `cpu` or `cuda`; raises ModelUnusable when there is no such device."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelUnusable("There is no GPU that torch can use; use the device cpu.")
    if name not in ("cpu", "cuda"):
        raise ModelUnusable(f"There is no device {name!r}; choose auto, cpu or cuda.")
    return torch.device(name)
