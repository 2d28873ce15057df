"""How good GAN, DCGAN and VAE are after the same time of training, all judged by one classifier of the set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from generation.images.classifier import Classifier, Pixels
from generation.images.colours import colour_tags
from generation.images.evaluation import Judge
from generation.images.model import ImageModel
from generation.images.networks import Kind
from generation.images.pictures import PictureSet, read_pictures
from generation.images.training import Options, train

DATA = Path(__file__).parents[2] / "shared" / "data"
KINDS: tuple[Kind, ...] = ("gan", "dcgan", "vae")
GRID = 64
Say = Callable[[str], None]


@dataclass(frozen=True)
class Set:
    """A set of pictures and the size that it is drawn in."""

    name: str
    file: Path
    size: int


SETS = (
    Set("fashion_mnist 32", DATA / "fashion_mnist" / "train.npz", 32),
    Set("clothing 64", DATA / "clothing" / "train_64.npz", 64),
)


@dataclass(frozen=True)
class Budget:
    """`minutes` of training for each model; at most `pictures` of a set, chosen by chance, if it has more;
    `classifier` pictures that the classifier looks at, `samples` that are judged."""

    minutes: float
    pictures: int
    classifier: int
    samples: int


def measure(chosen: Set, budget: Budget, folder: Path, say: Say) -> dict[str, dict[str, Any]]:
    """The figures of each kind; the models and a sheet of samples of each stay in `folder`."""
    data = _limited(chosen.file, budget.pictures, folder)
    pictures = _tagged(read_pictures(data, size=chosen.size))
    say(f"{chosen.name}: the classifier learns {len(pictures)} pictures")
    judge = Judge(pictures, Classifier.train(pictures, images=budget.classifier), budget.samples)
    found: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        say(f"{chosen.name}: {kind} learns for {budget.minutes:g} minutes")
        speed = LastProgress()
        options = Options(kind, data, chosen.size, folder / kind, minutes=budget.minutes, report=False)
        model = ImageModel.load(train(options, speed.note, lambda line: None))
        figures, drawn = judge.measure(model)
        _sheet(drawn.images[:GRID]).save(folder / f"{kind}.png")
        found[kind] = {**figures.to_json(), "pictures/s": speed.pictures_per_second}
    return found


class LastProgress:
    """The speed that a run told last."""

    pictures_per_second = 0.0

    def note(self, progress: Any) -> None:
        self.pictures_per_second = progress.pictures_per_second


def _tagged(pictures: PictureSet) -> PictureSet:
    """As training does it: colours are tags."""
    return pictures.tagged(colour_tags(pictures.images)) if pictures.channels == 3 else pictures


def _limited(file: Path, most: int, folder: Path) -> Path:
    """The file itself, or one with `most` of its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(file) as archive:
        arrays = dict(archive)
    count = len(arrays["images"])
    if count <= most:
        return file
    chosen = np.random.default_rng(0).permutation(count)[:most]
    fewer = {name: values[chosen] if len(values) == count else values for name, values in arrays.items()}
    np.savez(folder / "pictures.npz", **fewer)
    return folder / "pictures.npz"


def _sheet(pictures: Pixels) -> Image.Image:
    """64 pictures, eight in a row."""
    _, height, width, channels = pictures.shape
    sheet = pictures.reshape(8, 8, height, width, channels).transpose(0, 2, 1, 3, 4)
    pixels = sheet.reshape(8 * height, 8 * width, channels)
    return Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
