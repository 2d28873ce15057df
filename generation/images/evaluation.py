"""A picture model's figures against the pictures that it learnt from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from generation.images import metrics
from generation.images.classifier import Basis, Classifier, Numbers, Pixels, right_share
from generation.images.model import Prior
from generation.images.networks import Kind
from generation.images.pictures import PictureSet
from generation.images.tags import TagVocabulary

SAMPLES = 1000
MOST_REAL = 10_000
DRAWN_AT_ONCE = 25

Report = Callable[[float], None]


class Painter(Protocol):
    """What is measured; `ImageModel` is one, see there."""

    kind: Kind
    tags: TagVocabulary

    def draw(self, tags: Sequence[Sequence[str]], seeds: Sequence[int], *, prior: Prior = "mixture") -> Pixels: ...

    def reconstruction_error(self, pictures: Pixels) -> Numbers: ...


@dataclass(frozen=True)
class Figures:
    """What was measured; None where it does not apply.

    `fid_floor` is the distance of held-out real pictures from the training set: as many of them as samples make one
    `fid`, so that no generator can be expected below it. `tag_accuracy_real` is that of held-out real pictures.
    `fid_normal` is that of latents drawn from N(0, I). `psnr` is in dB.
    """

    fid: float | None
    fid_floor: float | None
    kid: float | None
    density: float | None
    coverage: float | None
    copy_rate: float | None
    tag_accuracy: float | None
    tag_accuracy_real: float | None
    psnr: float | None
    reconstruction_error: float | None
    fid_normal: float | None
    samples: int
    pictures: int
    classifier: str
    basis: Basis

    def to_json(self) -> dict[str, Any]:
        """Without what does not apply."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Drawn:
    """Pictures that a model drew, the tags that it was asked for, and their features."""

    images: Pixels
    tags: Sequence[tuple[str, ...]]
    features: Numbers


class Judge:
    """Measures models of one set of pictures, all by the same classifier and with the same wishes."""

    def __init__(self, pictures: PictureSet, classifier: Classifier, samples: int = SAMPLES) -> None:
        self.training, self.validation = (_mixed(part) for part in pictures.split())
        self.classifier = classifier
        self._samples = samples

    def measure(self, model: Painter, report: Report = lambda share: None) -> tuple[Figures, Drawn]:
        """The figures, and the pictures that they are of."""
        drawn = self.draw(model, report=report)
        density, coverage = metrics.density_and_coverage(self._real[: len(drawn.images)], drawn.features)
        figures = Figures(
            fid=_known(self._distance(drawn)),
            fid_floor=_known(metrics.frechet_distance(self._real, self._held_out[: self._group])),
            kid=_known(metrics.kernel_distance(self._real, drawn.features)),
            density=_known(density),
            coverage=_known(coverage),
            copy_rate=_known(float(self.is_copy(self.nearest(drawn)).mean())),
            tag_accuracy=self._tag_accuracy(model, drawn.images, drawn.tags),
            tag_accuracy_real=self._tag_accuracy(model, self.validation.images, self.validation.tags),
            samples=len(drawn.images),
            pictures=len(self.training),
            classifier=self.classifier.hash,
            basis=self.classifier.knowledge.basis,
            **self._autoencoding(model),
        )
        return figures, drawn

    def draw(self, model: Painter, *, prior: Prior = "mixture", report: Report = lambda share: None) -> Drawn:
        """Pictures with the tags of training pictures, chosen by chance, but the same ones each time."""
        chosen = np.random.default_rng(0).integers(len(self.training), size=self._samples)
        tags = [model.tags.known(self.training.tags[index]) for index in chosen]
        parts = []
        for start in range(0, self._samples, DRAWN_AT_ONCE):
            wanted = tags[start : start + DRAWN_AT_ONCE]
            parts.append(model.draw(wanted, range(start, start + len(wanted)), prior=prior))
            report((start + len(wanted)) / self._samples)
        images = np.concatenate(parts)
        return Drawn(images, tags, self.classifier.features(images))

    def nearest(self, drawn: Drawn) -> metrics.Nearest:
        """The training picture nearest to each drawn one, in the classifier's space."""
        return metrics.nearest(self._real, drawn.features)

    def is_copy(self, found: metrics.Nearest) -> NDArray[np.bool_]:
        """Which of the pictures come as near to a training picture as those hardly ever come to each other."""
        return found.distances <= self._copy_limit

    @cached_property
    def _copy_limit(self) -> float:
        return metrics.copy_limit(self._real)

    @cached_property
    def _real(self) -> Numbers:
        return self.classifier.features(self.training.images)

    @cached_property
    def _held_out(self) -> Numbers:
        return self.classifier.features(self.validation.images)

    @property
    def _group(self) -> int:
        """How many pictures make one distance: fewer would make it larger."""
        return min(self._samples, len(self._held_out))

    def _distance(self, drawn: Drawn) -> float:
        """The mean over groups of pictures."""
        whole = len(drawn.features) // self._group * self._group
        groups = np.split(drawn.features[:whole], whole // self._group)
        return float(np.mean([metrics.frechet_distance(self._real, group) for group in groups]))

    def _tag_accuracy(self, model: Painter, images: Pixels, tags: Sequence[tuple[str, ...]]) -> float | None:
        """Of the tags that both the model and the classifier know."""
        if self.classifier.knowledge.basis != "tags":
            return None
        columns = [index for index, name in enumerate(self.classifier.tags.names) if name in model.tags]
        rows = self.classifier.tags.rows([self.classifier.tags.known(own) for own in tags])
        return _known(right_share(self.classifier.tag_probabilities(images)[:, columns], rows[:, columns]))

    def _autoencoding(self, model: Painter) -> dict[str, float | None]:
        if model.kind != "vae":
            return {"psnr": None, "reconstruction_error": None, "fid_normal": None}
        errors = model.reconstruction_error(self.validation.images[: self._samples])
        return {
            "psnr": metrics.signal_to_noise(errors),
            "reconstruction_error": float(errors.mean()),
            "fid_normal": _known(self._distance(self.draw(model, prior="normal"))),
        }


def _mixed(pictures: PictureSet) -> PictureSet:
    """In an order of chance, the same one each time, so that any beginning is a fair sample."""
    return pictures.of(np.random.default_rng(0).permutation(len(pictures))[:MOST_REAL].tolist())


def _known(value: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(value) else value
