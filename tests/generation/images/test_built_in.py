"""The generators that come with the project are small, say what they are, and draw."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

import generation
from generation.images.model import ImageModel

FOLDER = Path(generation.__file__).parent / "weights" / "images"


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_a_built_in_generator_draws_clothes_in_the_colour_asked_for(kind: str) -> None:
    model = ImageModel.load(FOLDER / kind, "cpu")
    assert (model.kind, model.size, model.channels) == (kind, 64, 3)
    assert {"dress", "pants", "t-shirt", "red", "blue", "black"} <= set(model.tags.names)
    red, blue = (model.draw([(colour, "t-shirt")] * 16, range(16)).mean((0, 1, 2)) for colour in ("red", "blue"))
    assert red[0] - red[2] > blue[0] - blue[2] + 20
    black = model.draw([("black", "pants")] * 16, range(16))
    own, other = model.tag_scores(black, ("pants",)), model.tag_scores(black, ("t-shirt",))
    assert own.mean() > 2 * other.mean()


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_a_built_in_generator_is_small_and_names_its_licence(kind: str) -> None:
    assert (FOLDER / kind / "model.safetensors").stat().st_size <= 4_000_000
    card = (FOLDER / kind / "README.md").read_text()
    assert "CC0" in card
    assert "What the pictures look like" in card
    assert not [file for file in (FOLDER / kind).iterdir() if file.suffix in (".pt", ".pkl", ".bin")]


def test_the_built_in_autoencoder_knows_clothes_from_noise() -> None:
    model = ImageModel.load(FOLDER / "vae", "cpu")
    noise = numpy.random.default_rng(1).integers(0, 256, (2, 64, 64, 3), numpy.uint8)
    drawn = model.draw([("blue", "pants")] * 2, [1, 2])
    assert (model.reconstruction_error(drawn) < model.photo_limit).all()
    assert (model.reconstruction_error(noise) > model.photo_limit).all()
