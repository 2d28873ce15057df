"""The report of a trained generator: one HTML page that holds its pictures, to be opened, kept or sent."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray
from PIL import Image

from generation.images.evaluation import Figures
from generation.images.pictures import Skipped

TEMPLATE = Path(__file__).with_name("report.html")
CURVE_POINTS = 300
MOST_SKIPPED = 200

Pixels = NDArray[np.uint8]
Curves = Mapping[str, Sequence[tuple[int, float]]]
"""(step, value) of each loss by its name."""


@dataclass(frozen=True)
class Row:
    """Pictures beside each other, uint8 [N, size, size, channels], and what they are."""

    caption: str
    pictures: Pixels


@dataclass(frozen=True)
class Pair:
    """Two pictures to be compared, and whether the first counts as a copy of the second."""

    first: Pixels
    second: Pixels
    copy: bool = False


@dataclass(frozen=True)
class Page:
    """What the page shows; `film` is a GIF, empty where there is none."""

    title: str
    facts: Mapping[str, str]
    figures: Figures
    samples: Sequence[Row]
    film: bytes
    losses: Curves
    nearest: Sequence[Pair]
    redrawn: Sequence[Pair]
    warnings: Sequence[str]
    skipped: Sequence[Skipped]


MEANINGS: Mapping[str, str] = {
    "fid": "distance of the samples from the training pictures; lower is better",
    "fid_floor": "the same for real pictures that were held out: the best that can be reached",
    "kid": "another distance, without a bias for few pictures; 0 is perfect",
    "density": "how well samples keep to where real pictures are; about 1 for real ones",
    "coverage": "share of the training pictures that have a sample near them: variety",
    "copy_rate": "share of samples nearer to a training picture than those are to each other; about .01 is chance",
    "tag_accuracy": "share of the tags asked for that the classifier sees in the samples",
    "tag_accuracy_real": "the same for held-out real pictures",
    "psnr": "dB between held-out pictures and themselves drawn again; higher is better",
    "reconstruction_error": "mean squared error of the same, for values from 0 to 1",
    "fid_normal": "the distance when latents are drawn from N(0, I) instead of the mixture",
}


def write(file: Path, page: Page) -> None:
    """Writes the page; it needs no other file and no network."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"picture": _picture, "row": _row}
    figures = page.figures.to_json()
    html = environment.from_string(TEMPLATE.read_text("utf-8")).render(
        page=page,
        figures=[(name, figures[name], meaning) for name, meaning in MEANINGS.items() if name in figures],
        film=_uri(page.film, "image/gif") if page.film else "",
        curves=_uri(_curves(page.losses), "image/png") if page.losses else "",
        skipped=page.skipped[:MOST_SKIPPED],
    )
    file.write_text(html, "utf-8")


def _picture(pixels: Pixels) -> str:
    content = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(content, "PNG")
    return _uri(content.getvalue(), "image/png")


def _row(pictures: Pixels) -> str:
    return _picture(np.concatenate(list(pictures), axis=1))


def _uri(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _curves(losses: Curves) -> bytes:
    """One small chart for each loss, over the steps, each point the mean of those around it."""
    from matplotlib.figure import Figure

    columns = min(len(losses), 3)
    rows = -(-len(losses) // columns)
    figure = Figure(figsize=(4 * columns, 2.6 * rows), layout="constrained")
    for number, (name, points) in enumerate(losses.items()):
        axes = figure.add_subplot(rows, columns, number + 1)
        parts = np.array_split(np.array(points, dtype=np.float64), min(CURVE_POINTS, len(points)))
        axes.plot(*np.array([part.mean(0) for part in parts]).T, linewidth=1.2)
        axes.set_title(name, fontsize=10)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=110)
    return content.getvalue()
