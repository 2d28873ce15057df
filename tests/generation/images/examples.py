"""Small pictures, made here."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (24, 24), mode: str = "RGB") -> Image.Image:
    """A patch of one colour with another one in its middle; equal seeds give equal pictures."""
    ground, figure = np.random.default_rng(seed).integers(0, 256, (2, 3), dtype=np.uint8)
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:] = ground
    pixels[size[1] // 4 : -size[1] // 4, size[0] // 4 : -size[0] // 4] = figure
    return Image.fromarray(pixels).convert(mode)


def content(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of its file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def folder_of(path: Path, count: int = 12, tag: str = "shoes") -> Path:
    """A folder with `count` different pictures in the sub-folder `tag`."""
    (path / tag).mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        picture(seed).save(path / tag / f"{seed:03}.png")
    return path
