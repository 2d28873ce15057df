"""A run goes on exactly where it was stopped, and leaves a model that can be drawn from."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image

from generation.errors import ModelUnusable
from generation.images.model import ImageModel
from generation.images.networks import Kind
from generation.images.pictures import read_pictures
from generation.images.stored import StoredModel
from generation.images.training import Progress, train
from tests.generation.images.training.conftest import options, quiet


def assert_equal(one: Path, other: Path) -> None:
    """To the last bit: the course and the weights."""
    assert (one / "run" / "losses.csv").read_text() == (other / "run" / "losses.csv").read_text()
    theirs = StoredModel.load(other).weights
    for name, weight in StoredModel.load(one).weights.items():
        assert torch.equal(weight, theirs[name]), name


def test_a_run_leaves_a_model_its_samples_and_its_course(straight: Path) -> None:
    model = ImageModel.load(straight)
    assert set(model.tags.names) >= {"bar", "disc", "red", "blue", "green"}
    assert model.draw([("disc", "red")], [1]).shape == (1, 32, 32, 3)
    config = json.loads((straight / "config.json").read_text())
    assert config["steps"] == 6
    assert sorted(file.name for file in (straight / "run" / "samples").iterdir()) == ["0000003.png", "0000006.png"]
    with Image.open(straight / "run" / "samples" / "0000006.png") as grid:
        assert grid.size == (8 * 32, 8 * 32)
    with Image.open(straight / "run" / "growth.gif") as film:
        assert getattr(film, "n_frames", 0) == 2
    losses = (straight / "run" / "losses.csv").read_text().splitlines()
    assert losses[0] == "step,loss,value"
    assert {line.split(",")[1] for line in losses[1:]} >= {"critic", "generator", "R1", "R2"}
    assert not list(straight.glob("*.pt"))


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_a_run_stopped_by_ctrl_c_and_resumed_equals_an_uninterrupted_one(
    kind: Kind, straight: Path, straight_vae: Path, data: Path, tmp_path: Path
) -> None:
    whole = straight if kind == "gan" else straight_vae
    stopped = options(data, tmp_path / "stopped", kind=kind)

    def interrupt(progress: Progress) -> None:
        if progress.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(stopped, interrupt, quiet)
    torch.rand(100)  # what chance does in between is of no account
    assert not (stopped.out / "model.safetensors").exists()
    seen: list[int] = []
    train(replace(stopped, resume=True), lambda progress: seen.append(progress.step), quiet)
    assert seen == [3, 4, 5, 6]
    assert_equal(stopped.out, whole)


def test_a_killed_run_goes_on_from_its_last_save(straight: Path, data: Path, tmp_path: Path) -> None:
    killed = options(data, tmp_path / "killed", save_seconds=0)

    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.step == 4:
            raise Killed  # nothing after this step is written

    with pytest.raises(Killed):
        train(killed, kill, quiet)
    train(replace(killed, resume=True), quiet, quiet)
    assert_equal(killed.out, straight)


def test_a_run_is_not_resumed_with_other_options_or_pictures_nor_overwritten(
    straight: Path, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelUnusable, match="other options"):
        train(options(data, straight, resume=True, batch=2), quiet, quiet)
    with numpy.load(data) as content:
        numpy.savez(tmp_path / "fewer.npz", images=content["images"][:100])
    with pytest.raises(ModelUnusable, match="other data"):
        train(options(tmp_path / "fewer.npz", straight, resume=True), quiet, quiet)
    with pytest.raises(ModelUnusable, match="holds a run already"):
        train(options(data, straight), quiet, quiet)


def test_an_autoencoder_knows_how_well_it_draws_pictures_of_its_kind_again(data: Path, straight_vae: Path) -> None:
    model = ImageModel.load(straight_vae)
    held_out = read_pictures(data, size=32).split()[1]
    errors = model.reconstruction_error(held_out.images)
    assert model.photo_limit == pytest.approx(numpy.quantile(errors, 0.95))


@pytest.mark.parametrize("kind", ["gan", "dcgan", "vae"])
def test_large_colour_pictures_are_learnt_from(kind: Kind, data: Path, tmp_path: Path) -> None:
    with numpy.load(data) as content:
        large = content["images"][:12].repeat(8, 1).repeat(8, 2)
    numpy.savez(tmp_path / "large.npz", images=large)
    seen: list[Progress] = []
    wanted = options(tmp_path / "large.npz", tmp_path / "model", kind=kind, size=256, steps=2, batch=2)
    model = ImageModel.load(train(wanted, seen.append, quiet))
    assert model.draw([()], [1]).shape == (1, 256, 256, 3)
    assert all(numpy.isfinite(list(progress.losses.values())).all() for progress in seen)


def test_grey_pictures_stay_grey(data: Path, tmp_path: Path) -> None:
    model = ImageModel.load(train(options(data, tmp_path, channels=1, steps=1), quiet, quiet))
    assert model.tags.names == ("bar", "disc")
    assert model.draw([("disc",)], [1]).shape == (1, 32, 32, 1)


def test_few_pictures_are_warned_of_and_broken_ones_named(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for number in range(12):
        Image.new("RGB", (40, 40), (20 * number, 0, 0)).save(tmp_path / "set" / f"{number}.png")
    (tmp_path / "set" / "broken.png").write_bytes(b"\x89PNG")
    said: list[str] = []
    train(options(tmp_path / "set", tmp_path / "model", steps=1), quiet, said.append)
    assert any("broken.png is left out" in line for line in said)
    assert any("only 12 usable pictures" in line for line in said)


def test_a_budget_of_minutes_ends_the_run(data: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    train(options(data, tmp_path, steps=None, minutes=0.01), seen.append, quiet)
    assert seen[-1].share == 1
    assert [progress.share for progress in seen] == sorted(progress.share for progress in seen)


def test_the_course_can_be_followed_in_tensorboard(data: Path, tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    train(options(data, tmp_path, steps=2, trackers=("tensorboard",)), quiet, quiet)
    events = accumulator.EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("critic")] == [1, 2]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"size": 48}, "48 pixels cannot be drawn; choose 32, 64, 128, 256"),
        ({"objective": "wasserstein"}, "no 'wasserstein'; choose relativistic"),
        ({"policies": ("rotation",)}, "no 'rotation'; choose colour"),
    ],
)
def test_what_cannot_be_done_is_refused(change: dict[str, object], reason: str, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=reason):
        train(options(data, tmp_path / "model", **change), quiet, quiet)


def test_a_card_tells_what_was_learnt_and_how(straight: Path) -> None:
    card = (straight / "README.md").read_text()
    assert "6 steps of 4 pictures" in card
    assert "`--kind gan --size 32 --seed 1 --batch 4`" in card
    assert "disc (" in card
    with Image.open(straight / "samples.png") as samples:
        assert samples.size == (8 * 32, 6 * 32)
