"""The report page and the files beside a model that has been trained."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generation.images import assessment, report
from generation.images.classifier import Classifier
from generation.images.evaluation import Figures
from generation.images.pictures import Skipped
from tests.generation.images.examples import shapes
from tests.generation.images.test_model import saved

PICTURES = replace(
    shapes(60), tags=(("dress", "red"), ("hat", "red")) * 30, skipped=(Skipped("<b>.png", "tiny & odd"),)
)
LOSSES = {"critic": [(step, 1 / (step + 1)) for step in range(900)], "generator": [(0, 2.0)]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an autoencoder with random weights that has been assessed."""
    path = tmp_path_factory.mktemp("model")
    saved("vae", path)
    film = path / "film.gif"
    Image.new("RGB", (8, 8)).save(film)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generation.images.classifier_training.EPOCHS", (1, 2))
        assessment.assess(
            path, PICTURES, losses=LOSSES, film=film, facts={"trained": "1 minute"}, samples=30, device="cpu"
        )
    return path


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / assessment.REPORT).read_text("utf-8")


def test_figures_and_classifier_lie_beside_the_model(folder: Path) -> None:
    figures = json.loads((folder / assessment.METRICS).read_text("utf-8"))
    assert figures["classifier"] == Classifier.load(folder, "cpu").hash
    assert {"fid", "kid", "coverage", "copy_rate", "tag_accuracy", "psnr"} <= set(figures)


def test_the_page_needs_nothing_else(html: str) -> None:
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', html)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert "<script" not in html


def test_its_pictures_are_pictures(html: str) -> None:
    kinds = set()
    for kind, content in re.findall(r"data:image/(\w+);base64,([^\"]+)", html):
        with Image.open(io.BytesIO(base64.b64decode(content))) as image:
            image.load()
            kinds.add((kind, image.format))
    assert kinds == {("png", "PNG"), ("gif", "GIF")}


@pytest.mark.parametrize("part", ["Samples", "Figures", "Nearest", "drawn again", "How it grew", "Losses", "Left out"])
def test_it_shows(html: str, part: str) -> None:
    assert part in html


def test_it_says_what_was_left_out_what_to_know_and_how_it_was_made(html: str) -> None:
    assert "&lt;b&gt;.png" in html
    assert "tiny &amp; odd" in html
    assert "only 60 usable pictures" in html
    assert "1 minute" in html
    assert "dress, red" in html


def test_a_page_without_film_losses_and_tags_is_whole_too(tmp_path: Path) -> None:
    grey = np.zeros((2, 8, 8, 1), np.uint8)
    nothing: dict[str, Any] = dict.fromkeys(Figures.__dataclass_fields__)
    figures = Figures(**nothing | {"classifier": "0" * 64, "basis": "rotations", "samples": 2, "pictures": 3})
    page = report.Page(
        title="GAN",
        facts={},
        figures=figures,
        samples=[report.Row("no tags", grey)],
        film=b"",
        losses={},
        nearest=[report.Pair(grey[0], grey[1], copy=True)],
        redrawn=(),
        warnings=(),
        skipped=(),
    )
    report.write(tmp_path / "page.html", page)
    html = (tmp_path / "page.html").read_text("utf-8")
    assert "every picture was usable" in html
    assert "which way up" in html
    assert 'class="copy"' in html
