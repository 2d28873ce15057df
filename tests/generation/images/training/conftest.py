"""A small set of pictures in a file, and a run on it that nothing interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from generation.images.training import Options, train
from tests.generation.images.examples import shapes


def quiet(_: object) -> None: ...


def options(data: Path, out: Path, **changes: object) -> Options:
    known = Options(
        "gan", data, 32, out, steps=6, batch=4, samples_every=3, report=False, device="cpu", precision="fp32"
    )
    return replace(known, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Discs and bars in three colours."""
    pictures = shapes(120)
    file = tmp_path_factory.mktemp("data") / "shapes.npz"
    names = numpy.array(["bar", "disc"])
    labels = numpy.array(["disc" in tags for tags in pictures.tags], numpy.uint8)
    numpy.savez_compressed(file, images=pictures.images, labels=labels, label_names=names)
    return file


@pytest.fixture(scope="package")
def straight(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(options(data, tmp_path_factory.mktemp("runs") / "straight"), quiet, quiet)


@pytest.fixture(scope="package")
def straight_vae(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(options(data, tmp_path_factory.mktemp("runs") / "straight", kind="vae"), quiet, quiet)
