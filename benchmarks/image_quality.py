"""How good GAN, DCGAN and VAE are after the same time of training, all judged by one classifier of the set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from generation.images.classifier import Classifier
from generation.images.colours import colour_tags
from generation.images.evaluation import Judge
from generation.images.model import ImageModel
from generation.images.networks import Kind
from generation.images.pictures import PictureSet, read_pictures
from generation.images.training import Options, train
from generation.images.training.gallery import as_image, grid

DATA = Path(__file__).parents[2] / "shared" / "data"
KINDS: tuple[Kind, ...] = ("gan", "dcgan", "vae")
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
        as_image(grid(drawn.images[:64], columns=8)).save(folder / f"{kind}.png")
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
