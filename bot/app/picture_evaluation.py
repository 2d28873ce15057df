"""Figures of picture generators, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.app import pictures
from bot.app.tuning import plain_errors
from bot.errors import UsageError
from bot.protocols import GeneratorKind
from bot.settings import Settings

if TYPE_CHECKING:
    from generation.images.classifier import Classifier
    from generation.images.model import ImageModel
    from generation.images.pictures import PictureSet


def evaluate_images(
    settings: Settings,
    kind: GeneratorKind | None,
    data: Path,
    folders: Sequence[Path],
    samples: int,
    report: Callable[[str, float], None],
) -> Mapping[str, Mapping[str, Any]]:
    """The figures of each model by its name: those in `folders`, or the serving one of the kind.

    All are measured by one classifier of the pictures in `data`: that of the first model that brings a fitting one,
    or a new one. `report` is told what is going on and how much of it is done. Raises UsageError when the models draw
    in different sizes, ModelError when one cannot be loaded or the pictures cannot be read.
    """
    from generation.images.evaluation import Judge
    from generation.images.model import ImageModel

    with plain_errors():
        models = {str(folder): ImageModel.load(folder) for folder in folders or [_serving(settings, kind)]}
        first = next(iter(models.values()))
        for name, model in models.items():
            if (model.size, model.channels) != (first.size, first.channels):
                raise UsageError(f"{name} draws in another size or other colours than {next(iter(models))}.")
        known = _read(data, first, report)
        judge = Judge(known, _classifier(known, models, report), samples)
        measured = {name: judge.measure(model, partial(report, name))[0] for name, model in models.items()}
    return {name: {"kind": models[name].kind, **figures.to_json()} for name, figures in measured.items()}


def _serving(settings: Settings, kind: GeneratorKind | None) -> Path:
    if kind is None:
        raise UsageError("Say which generator: --kind gan, --kind vae, or --model DIR.")
    folder = pictures.serving_folder(settings, kind)
    if folder is None:
        raise UsageError(f"images.{kind} is switched off in the settings; name a folder by --model.")
    return folder


def _read(data: Path, model: ImageModel, report: Callable[[str, float], None]) -> PictureSet:
    """With colours as tags if the model knows any."""
    from generation.images import colours
    from generation.images.pictures import read_pictures

    found = read_pictures(
        data, size=model.size, channels=model.channels, report=lambda share: report("reading the pictures", share)
    )
    if set(colours.NAMES) & set(model.tags.names) and found.channels == 3:
        return found.tagged(colours.colour_tags(found.images))
    return found


def _classifier(
    known: PictureSet, models: Mapping[str, ImageModel], report: Callable[[str, float], None]
) -> Classifier:
    from generation.errors import ModelUnusable
    from generation.images.classifier import Classifier

    for folder in models:
        try:
            classifier = Classifier.load(Path(folder))
        except ModelUnusable:
            continue
        if classifier.knowledge.pictures == known.hash:
            return classifier
    tags = next(iter(models.values())).tags
    return Classifier.train(known, tags=tags, report=lambda share: report("learning the tags of the pictures", share))
