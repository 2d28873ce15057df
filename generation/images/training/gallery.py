"""What a run has drawn so far: a grid of samples now and then, and a film of how it grew."""

from __future__ import annotations

from pathlib import Path

import numpy
import torch
from numpy.typing import NDArray
from PIL import Image

from generation.images.pixels import to_pictures
from generation.images.training.learner import Learner

FRAMES = 60
FRAME_MILLISECONDS = 200
LAST_MILLISECONDS = 2000
FILM = "growth.gif"


class Gallery:
    """Draws the same latents [N, latent] for the same tags [N, tags] each time, `columns` of them in a row."""

    def __init__(self, folder: Path, latents: torch.Tensor, tags: torch.Tensor, columns: int) -> None:
        self._folder = folder / "samples"
        self._latents = latents
        self._tags = tags
        self._columns = columns

    def add(self, learner: Learner, step: int) -> Path:
        """A grid as `samples/STEP.png`, and the film with it."""
        self._folder.mkdir(exist_ok=True)
        file = self._folder / f"{step:07}.png"
        pictures = to_pictures(learner.drawn(self._latents, self._tags))
        as_image(grid(pictures, self._columns)).save(file)
        self._film(step)
        return file

    def _film(self, last: int) -> None:
        """Of grids up to the step `last`; those of later steps are from before the run went back."""
        files = [file for file in sorted(self._folder.glob("*.png")) if int(file.stem) <= last]
        chosen = sorted({round(place) for place in numpy.linspace(0, len(files) - 1, min(FRAMES, len(files)))})
        frames = [Image.open(files[place]).convert("P", palette=Image.Palette.ADAPTIVE) for place in chosen]
        lengths = [FRAME_MILLISECONDS] * (len(frames) - 1) + [LAST_MILLISECONDS]
        film = self._folder.parent / FILM
        frames[0].save(film, save_all=True, append_images=frames[1:], duration=lengths, loop=0)


def grid(pictures: NDArray[numpy.uint8], columns: int) -> NDArray[numpy.uint8]:
    """Pictures [N, H, W, C] beside each other in rows, as one [rows · H, columns · W, C]; what is missing is white."""
    count, height, width, channels = pictures.shape
    rows = -(-count // columns)
    sheet = numpy.full((rows * columns, height, width, channels), 255, numpy.uint8)
    sheet[:count] = pictures
    lined = sheet.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return lined.reshape(rows * height, columns * width, channels)


def as_image(picture: NDArray[numpy.uint8]) -> Image.Image:
    """Of [H, W, 1 or 3]."""
    return Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
