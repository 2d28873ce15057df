"""`parley evaluate images`, on models with random weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from bot.cli import run
from generation.images.classifier import FILE, Classifier
from generation.images.pictures import read_pictures
from tests.generation.images.examples import shapes
from tests.generation.images.test_model import saved

KEYS = {"fid", "fid_floor", "kid", "density", "coverage", "copy_rate", "tag_accuracy"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures whose sub-folders are tags that the models know."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, image in enumerate(shapes(60).images):
        tag = folder / ("dress" if number % 2 else "hat")
        tag.mkdir(exist_ok=True)
        Image.fromarray(image).save(tag / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def models(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each kind; the first has a classifier of the pictures."""
    folder = tmp_path_factory.mktemp("models")
    for kind in ("gan", "dcgan", "vae"):
        saved(kind, folder / kind)
    known = read_pictures(data, size=32)
    Classifier.train(known, images=64, device="cpu").save(folder / "gan")
    return {kind: folder / kind for kind in ("gan", "dcgan", "vae")}


@pytest.fixture(autouse=True)
def _short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.images.classifier_training.EPOCHS", (1, 1))


def arguments(data: Path, *more: object) -> list[str]:
    return ["evaluate", "images", "--data", str(data), "--samples", "10", *map(str, more)]


def test_one_model_gives_one_object(data: Path, models: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(data, "--model", models["vae"], "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "vae"
    assert KEYS | {"psnr", "reconstruction_error", "fid_normal"} <= set(found)
    assert found["samples"] == 10


def test_several_models_stand_beside_each_other(
    data: Path, models: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments(data, "--model", models["gan"], models["dcgan"], models["vae"], "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["kind"] for each in found["models"].values()] == ["gan", "dcgan", "vae"]
    assert found["fid"] == found["models"][str(models["gan"])]["fid"]
    assert len({each["fid_floor"] for each in found["models"].values()}) == 1


def test_people_see_a_table(data: Path, models: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(data, "--model", models["gan"], "--model", models["vae"])) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("gan", "vae", "fid_floor", "coverage", "psnr"))


def test_the_generator_of_the_settings_is_measured(
    data: Path, models: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_IMAGES__GAN", str(models["gan"]))
    assert run(arguments(data, "--kind", "gan", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "gan"


def test_a_new_classifier_is_made_for_other_pictures_and_leaves_the_model_alone(
    data: Path, models: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in data.rglob("*.png"):
        with Image.open(file) as image:
            (tmp_path / file.parent.name).mkdir(exist_ok=True)
            image.rotate(90).save(tmp_path / file.parent.name / file.name)
    before = (models["gan"] / FILE).read_bytes()
    assert run(arguments(tmp_path, "--model", models["gan"], "--json")) == 0
    assert json.loads(capsys.readouterr().out)["classifier"] != Classifier.load(models["gan"], "cpu").hash
    assert (models["gan"] / FILE).read_bytes() == before


def test_bad_use_is_one_plain_line(
    data: Path, models: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments(data)) == 2
    assert "--kind gan, --kind vae, or --model DIR" in capsys.readouterr().err
    saved("gan", tmp_path / "large", size=64)
    assert run(arguments(data, "--model", models["gan"], tmp_path / "large")) == 2
    assert "draws in another size" in capsys.readouterr().err
    assert run(arguments(data, "--model", tmp_path)) == 1
    assert "it is not a picture model" in capsys.readouterr().err
