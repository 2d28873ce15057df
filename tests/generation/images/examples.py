"""Small pictures, made here."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from generation.images.pictures import PictureSet


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


COLOURS = {"red": (200, 30, 30), "blue": (30, 30, 200), "green": (30, 130, 50)}


def shapes(count: int, *, size: int = 32, channels: int = 3, seed: int = 0) -> PictureSet:
    """Discs and bars of some size in shades of three colours, somewhere on white, tagged with shape and colour."""
    chance = np.random.default_rng(seed)
    images, tags = [], []
    for _ in range(count):
        colour, shape = str(chance.choice(list(COLOURS))), str(chance.choice(["disc", "bar"]))
        shade = tuple(int(value) for value in COLOURS[colour] + chance.integers(-25, 26, 3))
        left, top = (float(value) for value in chance.uniform(0.05, 0.3, 2) * size)
        width, height = (float(value) for value in chance.uniform(0.4, 0.65, 2) * size)
        image = Image.new("RGB", (size, size), "white")
        if shape == "disc":
            ImageDraw.Draw(image).ellipse((left, top, left + width, top + width), shade)
        else:
            ImageDraw.Draw(image).rectangle((left, top, left + width / 3, top + height), shade)
        images.append(np.asarray(image.convert("L"))[..., None] if channels == 1 else np.asarray(image))
        tags.append((shape, colour) if channels == 3 else (shape,))
    return PictureSet(np.stack(images), tuple(tags), tuple(map(str, range(count))))
