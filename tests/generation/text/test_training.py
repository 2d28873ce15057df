"""Training goes on exactly where it was stopped, learns, and leaves a model that can be served."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from generation.errors import ModelUnusable
from generation.text import checkpoint
from generation.text.course import Progress
from generation.text.layout import Layout
from generation.text.lessons import Lesson
from generation.text.sources import read_corpus
from generation.text.tokenizer import train_tokenizer
from generation.text.training import Options, train
from tests.generation.text.conftest import TEXTS


def quiet(_: object) -> None: ...


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "dialogues.jsonl"
    goods = ("shoes", "lamp", "book", "coat", "bike", "kettle", "ball", "desk")
    rows = [
        {
            "id": f"{number}",
            "source": "shop",
            "lang": "en",
            "turns": [
                {"role": "user", "text": f"My {good} number {number} is broken."},
                {"role": "assistant", "text": f"I am sorry about your {good}. We will send another {good}."},
            ],
        }
        for number, good in enumerate(goods * 8)
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def options(data: Path, out: Path, **changes: object) -> Options:
    known = Options(data=(data,), base="scratch:tiny", out=out, steps=8, small_talk=5, vocabulary=400, batch=4)
    return replace(replace(known, validate_every=4, samples=False), **changes)  # type: ignore[arg-type]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return checkpoint.load(folder)[0].state_dict()


def course(folder: Path) -> tuple[list[float], list[tuple[int, float]]]:
    state = torch.load(folder / "run" / "state.pt", weights_only=True)["state"]
    return state["losses"], state["validation"]


def assert_equal(one: Path, other: Path) -> None:
    """To the last bit: the loss curves, the validations and the weights."""
    assert course(one) == course(other)
    theirs = weights(other)
    for name, weight in weights(one).items():
        assert torch.equal(weight, theirs[name]), name


@pytest.fixture(scope="module")
def straight(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(options(data, tmp_path_factory.mktemp("runs") / "straight", samples=True), quiet, quiet)


def test_a_run_leaves_a_model_its_course_and_a_card(straight: Path) -> None:
    card = (straight / "README.md").read_text()
    assert "8 steps" in card
    assert "dialogues.jsonl" in card
    assert "Kept 64 of 64 dialogues" in card
    assert "- **user**: What is your name?" in card
    assert "| shop |" in card
    assert (straight / "run" / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert (straight / "run" / "loss.csv").read_text().count("\n") == 9
    assert len(json.loads((straight / "run" / "run.json").read_text())["data"]) == 1
    assert json.loads((straight / "run" / "cleaning.json").read_text())["kept"] == {"shop": 64}
    lineage = json.loads((straight / "run" / "lineage.json").read_text())
    assert sorted([*lineage["training"], *lineage["validation"]]) == sorted(map(str, range(64)))


def test_a_run_stopped_by_ctrl_c_and_resumed_equals_an_uninterrupted_one(
    straight: Path, data: Path, tmp_path: Path
) -> None:
    stopped = options(data, tmp_path / "stopped")

    def interrupt(progress: Progress) -> None:
        if progress.step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(stopped, interrupt, quiet)
    torch.rand(100)  # what chance does in between is of no account
    assert not (stopped.out / "model.safetensors").exists()
    seen: list[int] = []
    train(replace(stopped, resume=True), lambda progress: seen.append(progress.step), quiet)
    assert seen == [4, 5, 6, 7, 8]
    assert_equal(stopped.out, straight)


def test_a_killed_run_goes_on_from_its_last_save(straight: Path, data: Path, tmp_path: Path) -> None:
    killed = options(data, tmp_path / "killed", save_seconds=0)

    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.step == 5:
            raise Killed  # nothing after this step is written

    with pytest.raises(Killed):
        train(killed, kill, quiet)
    train(replace(killed, resume=True), quiet, quiet)
    assert_equal(killed.out, straight)


def test_a_run_is_not_resumed_with_other_options_nor_overwritten(straight: Path, data: Path) -> None:
    with pytest.raises(ModelUnusable, match="other options"):
        train(options(data, straight, resume=True, batch=2), quiet, quiet)
    with pytest.raises(ModelUnusable, match="holds a run already"):
        train(options(data, straight), quiet, quiet)


def test_it_learns_and_a_fine_tuned_model_starts_from_its_base(straight: Path, data: Path, tmp_path: Path) -> None:
    losses: list[float] = []
    tuned = options(data, tmp_path / "tuned", base=str(straight), steps=60, learning_rate=5e-3)
    train(tuned, lambda progress: losses.append(progress.loss), quiet)
    assert losses[0] < 6.2  # below the ln(400) of a model that knows nothing, as far as eight steps got
    assert losses[-1] < 0.8 * losses[0]


def test_lora_changes_the_linear_layers_only(straight: Path, data: Path, tmp_path: Path) -> None:
    out = train(options(data, tmp_path / "lora", base=str(straight), lora=True, steps=4), quiet, quiet)
    before, after = weights(straight), weights(out)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")) for name in changed)
    assert "LoRA" in (out / "README.md").read_text()


def test_a_resumed_lora_run_with_summed_batches_equals_an_uninterrupted_one(
    straight: Path, data: Path, tmp_path: Path
) -> None:
    whole = options(data, tmp_path / "whole", base=str(straight), lora=True, accumulate=2, batch=2, steps=6)
    train(whole, quiet, quiet)
    resumed = replace(whole, out=tmp_path / "resumed", save_seconds=0)

    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.step == 4:
            raise Killed

    with pytest.raises(Killed):
        train(resumed, kill, quiet)
    train(replace(resumed, resume=True), quiet, quiet)
    assert_equal(resumed.out, whole.out)


def test_summed_batches_learn_as_one_large_batch_does(straight: Path, data: Path, tmp_path: Path) -> None:
    one = options(data, tmp_path / "one", base=str(straight), batch=4, steps=3)
    train(one, quiet, quiet)
    train(replace(one, out=tmp_path / "two", batch=2, accumulate=2), quiet, quiet)
    assert course(one.out)[0] == pytest.approx(course(tmp_path / "two")[0], rel=1e-3)


@pytest.mark.parametrize("lora", [False, True])
def test_recomputing_the_blocks_changes_no_gradient(lora: bool, straight: Path, data: Path, tmp_path: Path) -> None:
    plain = options(data, tmp_path / "plain", base=str(straight), lora=lora, contrast=True, steps=3)
    train(plain, quiet, quiet)
    train(replace(plain, out=tmp_path / "recomputed", checkpointing=True), quiet, quiet)
    assert_equal(tmp_path / "recomputed", plain.out)


def test_a_run_that_learns_nothing_more_ends_early_with_its_best_weights(
    straight: Path, data: Path, tmp_path: Path
) -> None:
    hasty = options(data, tmp_path / "hasty", base=str(straight), learning_rate=3.0, steps=200, validate_every=2)
    seen: list[Progress] = []
    train(replace(hasty, patience=3), seen.append, quiet)
    validation = course(hasty.out)[1]
    best = min(validation, key=lambda one: one[1])
    assert seen[-1].step < 200
    assert validation.index(best) == len(validation) - 4
    assert f"those of step {best[0]}," in (hasty.out / "README.md").read_text()


def test_only_the_assistants_words_count(data: Path) -> None:
    tokenizer = train_tokenizer(TEXTS, 400)
    layout = Layout(tokenizer, 512)
    lesson = Lesson(read_corpus([data]).dialogues, layout, rows=4, talks=0, user_weight=0.0, seed=1)
    ids, weights = lesson.batch(0)
    learnt = tokenizer.decode(ids[weights > 0].tolist())
    assert learnt.count("We will send another") >= 4
    assert "is broken" not in learnt


def test_a_budget_of_minutes_ends_the_run(data: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    train(options(data, tmp_path / "timed", steps=None, minutes=0.01), seen.append, quiet)
    assert seen[-1].share == 1
    assert [progress.share for progress in seen] == sorted(progress.share for progress in seen)


def test_data_without_dialogues_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text('{"id": "1", "turns": [{"role": "user", "text": "Anyone?"}]}')
    with pytest.raises(ModelUnusable, match="nothing to learn from"):
        train(options(tmp_path / "empty.jsonl", tmp_path / "out"), quiet, quiet)


def test_the_course_can_be_followed_in_tensorboard(straight: Path, data: Path, tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    out = train(options(data, tmp_path / "followed", base=str(straight), trackers=("tensorboard",)), quiet, quiet)
    events = accumulator.EventAccumulator(str(out / "run" / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("loss")] == list(range(1, 9))
    assert [event.step for event in events.Scalars("validation loss")] == [4, 8]


def test_an_unknown_tracker_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no tracker 'abacus'; choose tensorboard or wandb"):
        train(options(data, tmp_path / "out", trackers=("abacus",)), quiet, quiet)


@pytest.mark.parametrize(("tracker", "package"), [("wandb", "wandb"), ("tensorboard", "torch.utils.tensorboard")])
def test_a_tracker_that_is_not_installed_says_how_to_get_it(
    tracker: str, package: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModelUnusable, match=rf"pip install 'parley-bot\[{tracker}\]'"):
        train(options(data, tmp_path / "out", trackers=(tracker,)), quiet, quiet)


def test_an_unknown_size_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"no size 'huge'.*tiny"):
        train(options(data, tmp_path / "out", base="scratch:huge"), quiet, quiet)
