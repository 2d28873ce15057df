"""What is done with a generator that has just been trained: its classifier, its figures, its report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from generation.images import report
from generation.images.classifier import Classifier
from generation.images.evaluation import SAMPLES, Drawn, Figures, Judge
from generation.images.model import ImageModel
from generation.images.pictures import PictureSet
from generation.images.report import Curves, Pair, Row

METRICS, REPORT = "metrics.json", "report.html"
ROWS, COLUMNS = 8, 8
PAIRS = 12
NO_TAGS = "no tags"


def assess(
    folder: Path,
    pictures: PictureSet,
    *,
    losses: Curves,
    film: Path | None = None,
    facts: Mapping[str, str] | None = None,
    say: Callable[[str], None] = lambda line: None,
    samples: int = SAMPLES,
    device: str = "auto",
) -> Figures:
    """Measures the model in `folder` against the pictures that it learnt from.

    Adds to the folder the classifier of the pictures, `metrics.json` and `report.html`; `facts` are lines for its
    head. `say` is told what takes a while. Raises ModelUnusable when the folder holds no model.
    """
    model = ImageModel.load(folder, device)
    say("The classifier of these pictures is learning; it takes a minute or two.")
    classifier = Classifier.train(pictures, tags=model.tags, device=device)
    classifier.save(folder)
    say(f"{samples} samples are drawn and measured.")
    judge = Judge(pictures, classifier, samples)
    figures, drawn = judge.measure(model)
    (folder / METRICS).write_text(json.dumps(figures.to_json(), indent=1) + "\n", "utf-8")
    page = report.Page(
        title=f"{model.kind.upper()} {model.name}",
        facts={
            "pictures": f"{len(pictures)}, {model.size}x{model.size} pixels",
            **(facts or {}),
            "model": model.digest,
        },
        figures=figures,
        samples=_samples(model, pictures),
        film=film.read_bytes() if film and film.is_file() else b"",
        losses=losses,
        nearest=_nearest(judge, drawn),
        redrawn=_redrawn(model, judge.validation),
        warnings=pictures.warnings,
        skipped=pictures.skipped,
    )
    report.write(folder / REPORT, page)
    return figures


def _samples(model: ImageModel, pictures: PictureSet) -> list[Row]:
    """A row for each of the most frequent combinations of tags."""
    frequent = Counter(model.tags.known(own) for own in pictures.tags).most_common(ROWS)
    rows = [frequent[number % len(frequent)][0] for number in range(ROWS)]
    return [
        Row(", ".join(tags) or NO_TAGS, model.draw([tags] * COLUMNS, range(COLUMNS * number, COLUMNS * (number + 1))))
        for number, tags in enumerate(rows)
    ]


def _nearest(judge: Judge, drawn: Drawn) -> Sequence[Pair]:
    """The samples that are nearest to training pictures, the nearest first."""
    found = judge.nearest(drawn)
    copies, originals = judge.is_copy(found), judge.training.images[found.indices]
    chosen = np.argsort(found.distances, kind="stable")[:PAIRS]
    return [Pair(drawn.images[index], originals[index], bool(copies[index])) for index in chosen]


def _redrawn(model: ImageModel, pictures: PictureSet) -> Sequence[Pair]:
    if model.kind != "vae":
        return ()
    originals = pictures.images[:PAIRS]
    means, _ = model.encode(originals)
    return [Pair(*pair) for pair in zip(originals, model.decode(means, [()] * len(means)), strict=True)]
