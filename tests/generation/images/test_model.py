"""A stored picture model loads, and draws the same picture for the same tags and seed whatever else it draws."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest
import torch

from generation.errors import ModelUnusable
from generation.images.classifier import Classifier
from generation.images.combinations import Combinations
from generation.images.mixture import GaussianMixture
from generation.images.model import ImageModel
from generation.images.networks import (
    Architecture,
    DCGANGenerator,
    Kind,
    ResidualGenerator,
    VariationalAutoencoder,
)
from generation.images.pictures import PictureSet
from generation.images.stored import StoredModel
from generation.images.tags import TagVocabulary

PICTURES = [("dress", "red"), ("dress", "red"), ("dress", "blue"), ("hat", "red"), ()]
TAGS = TagVocabulary.of(PICTURES)


def stored(kind: Kind, size: int = 32, channels: int = 3) -> StoredModel:
    """A model with random weights."""
    torch.manual_seed(1)
    architecture = Architecture.of(kind, size, channels, len(TAGS))
    networks = {"gan": ResidualGenerator, "dcgan": DCGANGenerator, "vae": VariationalAutoencoder}
    network = networks[kind](architecture)
    for parameter in network.parameters():  # also those that begin at zero
        parameter.data += 0.05 * torch.randn_like(parameter)
    weights = dict(network.state_dict())
    if kind == "vae":
        rows = TAGS.rows(PICTURES * 60)
        latents = numpy.random.default_rng(1).normal(size=(len(rows), architecture.latent)).astype(numpy.float32)
        weights |= GaussianMixture.fit(latents, rows, components=2, seed=1).tensors()
    return StoredModel(architecture, TAGS, Combinations.of(PICTURES), weights, photo_limit=0.03)


def saved(kind: Kind, folder: Path, size: int = 32, channels: int = 3) -> ImageModel:
    stored(kind, size, channels).save(folder)
    return ImageModel.load(folder, "cpu")


@pytest.mark.parametrize("kind", ["gan", "dcgan", "vae"])
def test_a_picture_depends_on_its_own_tags_and_seed_only(kind: Kind, tmp_path: Path) -> None:
    model = saved(kind, tmp_path / "model")
    assert (model.kind, model.size, model.channels, model.tags) == (kind, 32, 3, TAGS)
    alone = model.draw([("red",)], [7])
    together = model.draw([("hat",), ("red",), ("red",)], [1, 7, 8])
    assert together.shape == (3, 32, 32, 3)
    assert together.dtype == numpy.uint8
    assert numpy.array_equal(alone[0], together[1])
    assert not numpy.array_equal(together[1], together[2])
    assert numpy.array_equal(ImageModel.load(tmp_path / "model", "cpu").draw([("red",)], [7]), alone)
    assert model.draw([], []).shape == (0, 32, 32, 3)


@pytest.mark.parametrize("size", [32, 64, 128, 256])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", ["gan", "dcgan", "vae"])
def test_every_size_is_drawn_in_grey_and_in_colour(kind: Kind, channels: int, size: int, tmp_path: Path) -> None:
    assert saved(kind, tmp_path, size, channels).draw([()], [1]).shape == (1, size, size, channels)


def test_an_autoencoder_takes_a_photo_apart_and_puts_it_together(tmp_path: Path) -> None:
    model = saved("vae", tmp_path)
    photos = numpy.random.default_rng(1).integers(0, 256, (3, 32, 32, 3), numpy.uint8)
    means, deviations = model.encode(photos)
    assert means.shape == deviations.shape == (3, 128)
    assert (deviations > 0).all()
    again = model.decode(means, [()] * 3)
    errors = ((again / 255.0 - photos / 255.0) ** 2).mean((1, 2, 3))
    assert model.reconstruction_error(photos) == pytest.approx(errors, rel=0.02)
    assert model.photo_limit == 0.03
    assert not numpy.array_equal(model.draw([()], [3]), model.draw([()], [3], prior="normal"))


def test_a_photo_of_another_size_or_for_a_gan_is_refused(tmp_path: Path) -> None:
    photos = numpy.zeros((1, 16, 16, 3), numpy.uint8)
    with pytest.raises(ModelUnusable, match=r"takes pictures of the shape \(32, 32, 3\)"):
        saved("vae", tmp_path / "vae").encode(photos)
    with pytest.raises(ModelUnusable, match="only a vae"):
        saved("gan", tmp_path / "gan").encode(numpy.zeros((1, 32, 32, 3), numpy.uint8))


def test_what_is_not_asked_for_is_chosen_as_the_training_pictures_have_it() -> None:
    chance = torch.Generator().manual_seed(1)
    combinations = Combinations.of(PICTURES)
    drawn = [combinations.complete(("dress",), chance) for _ in range(300)]
    assert set(drawn) == {("dress", "red"), ("blue", "dress")}
    assert 150 < drawn.count(("dress", "red")) < 250
    assert combinations.complete(("hat", "blue"), chance) == ("hat", "blue")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "config.json").write_text("{"), "not valid JSON"),
        (lambda folder: (folder / "config.json").write_text("{}"), "does not describe a picture model"),
        (lambda folder: _configure(folder, size=64), "do not make a picture of 64 pixels"),
        (lambda folder: _configure(folder, kind="diffusion"), "no kind of picture model 'diffusion'"),
        (lambda folder: _configure(folder, embedding=8), "do not fit its config.json"),
        (lambda folder: _configure(folder, widths="wide"), "lacks a usable"),
        (lambda folder: _configure(folder, widths=[33, 7, 5, 3]), "do not fit its config.json"),
        (lambda folder: _configure(folder, kind="dcgan", patch=2, widths=[8, 8]), "draws single pixels"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"abc"), "cannot be read"),
    ],
)
def test_a_folder_that_cannot_be_used_says_why(change: object, reason: str, tmp_path: Path) -> None:
    stored("gan").save(tmp_path)
    change(tmp_path)  # type: ignore[operator]
    with pytest.raises(ModelUnusable, match=reason):
        ImageModel.load(tmp_path, "cpu")


def _configure(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["architecture"] |= values
    (folder / "config.json").write_text(json.dumps(config))


def test_a_missing_folder_or_device_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no model folder"):
        ImageModel.load(tmp_path / "nowhere")
    stored("gan").save(tmp_path)
    with pytest.raises(ModelUnusable, match="no device 'tpu'"):
        ImageModel.load(tmp_path, "tpu")


def test_a_pictures_score_is_the_probability_that_it_has_all_of_the_tags(tmp_path: Path) -> None:
    model = saved("gan", tmp_path)
    pictures = PictureSet(model.draw([("red",)] * 12, range(12)), (("red", "hat"), ("dress",)) * 6, ("",) * 12)
    classifier = Classifier.train(pictures, tags=TAGS, images=64, device="cpu")
    classifier.save(tmp_path)
    both = [TAGS.names.index(name) for name in ("red", "hat")]
    expected = classifier.tag_probabilities(pictures.images)[:, both].prod(1)
    assert model.tag_scores(pictures.images, ("red", "hat")) == pytest.approx(expected, rel=1e-3)
    assert model.tag_scores(pictures.images, ()).tolist() == [1.0] * 12


def test_without_a_classifier_pictures_cannot_be_scored(tmp_path: Path) -> None:
    model = saved("gan", tmp_path)
    with pytest.raises(ModelUnusable, match="has no classifier"):
        model.tag_scores(model.draw([()], [1]), ("red",))
