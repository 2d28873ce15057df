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


COLOURS = {"red": (200, 30, 30), "blue": (30, 30, 200), "green": (20, 130, 50)}


def shapes(count: int, *, size: int = 32, channels: int = 3, seed: int = 0) -> PictureSet:
    """Discs and bars in three colours on white, somewhere near the middle, tagged with both."""
    chance = np.random.default_rng(seed)
    images, tags = [], []
    for _ in range(count):
        colour, shape = chance.choice(list(COLOURS)), chance.choice(["disc", "bar"])
        left, top = chance.integers(size // 8, size // 4, 2)
        image = Image.new("RGB", (size, size), "white")
        draw = ImageDraw.Draw(image)
        box = (int(left), int(top), int(left) + size // 2, int(top) + size // 2)
        if shape == "disc":
            draw.ellipse(box, COLOURS[colour])
        else:
            draw.rectangle((box[0], box[1], box[0] + size // 5, box[3]), COLOURS[colour])
        images.append(np.asarray(image.convert("L"))[..., None] if channels == 1 else np.asarray(image))
        tags.append((str(shape), str(colour)) if channels == 3 else (str(shape),))
    return PictureSet(np.stack(images), tuple(tags), tuple(map(str, range(count))))
