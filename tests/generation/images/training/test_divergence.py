"""A run that diverges says so, goes back to the last good state and on with more care."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from generation.errors import ModelUnusable
from generation.images.tags import TagVocabulary
from generation.images.training import train
from generation.images.training.batches import Batch, Batches
from generation.images.training.course import Course, Schedule
from generation.images.training.gallery import Gallery
from generation.images.training.health import Health
from generation.images.training.learner import Moment
from generation.images.training.state import Run, State
from tests.generation.images.examples import shapes
from tests.generation.images.training.conftest import options, quiet

CPU = torch.device("cpu")


class Pretender:
    """Draws noise as various as it is told to; its one weight counts its steps."""

    def __init__(self, *, wrong_at: int, loss: float, variety: float) -> None:
        self._counter = nn.Linear(1, 1)
        self._counter.weight.data.zero_()
        self._wrong_at, self._loss, self._variety = wrong_at, loss, variety
        self._spread = 1.0
        self.setbacks: list[int] = []

    @property
    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {"counter": self._counter}

    @property
    def steps(self) -> int:
        return int(self._counter.weight.item())

    def step(self, batch: Batch, moment: Moment) -> dict[str, float]:
        self._counter.weight.data += 1
        self.setbacks.append(moment.setbacks)
        wrong = moment.step >= self._wrong_at and moment.setbacks == 0
        self._spread = self._variety if wrong else 1.0
        return {"critic": self._loss if wrong else 1.0}

    def drawn(self, latents: Tensor, tags: Tensor) -> Tensor:
        noise = torch.randn(len(latents), 3, 32, 32, generator=torch.Generator().manual_seed(int(1e6 * latents[0, 0])))
        return self._spread * noise


def course_of(learner: Pretender, folder: Path, said: list[str], steps: int) -> Course:
    batches = Batches(shapes(20), TagVocabulary(("red",)), size=16, mirror=False, device=CPU)
    schedule = Schedule(steps=steps, seconds=None, batch=16, samples_every=10**6, save_seconds=10**6, seed=1)
    gallery = Gallery(folder, torch.zeros(1, 4), torch.zeros(1, 1), 1)
    health = Health(batches, 4, CPU)
    return Course(schedule, Run.open(folder, {}, False), batches, learner, health, gallery, (), said.append)


def complete(learner: Pretender, folder: Path, steps: int) -> tuple[State, list[str]]:
    said: list[str] = []
    return course_of(learner, folder, said, steps).complete(quiet, lambda: False), said


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_sends_the_run_back(loss: float, tmp_path: Path) -> None:
    learner = Pretender(wrong_at=4, loss=loss, variety=1.0)
    state, said = complete(learner, tmp_path, steps=8)
    assert said == [
        "Step 5: a loss is not a number any more. Training goes back to step 0 and on with more care: "
        "a higher penalty or a lower learning rate."
    ]
    assert learner.setbacks == [0] * 5 + [1] * 8
    assert (state.step, state.setbacks, learner.steps) == (8, 1, 8)
    assert [value for _, value in state.losses["critic"]] == [1.0] * 8


def test_pictures_that_are_all_the_same_send_the_run_back(tmp_path: Path) -> None:
    learner = Pretender(wrong_at=650, loss=1.0, variety=0.001)
    state, said = complete(learner, tmp_path, steps=800)
    assert "Step 700: what it draws has become nearly the same picture for every seed" in said[0]
    assert (state.step, state.setbacks) == (800, 1)


def test_a_young_generator_without_variety_is_left_alone(tmp_path: Path) -> None:
    state, said = complete(Pretender(wrong_at=0, loss=1.0, variety=0.001), tmp_path, steps=700)
    assert (state.setbacks, said) == (0, [])


def test_a_real_run_that_diverges_again_and_again_ends_with_advice(data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    hasty = options(data, tmp_path / "hasty", learning_rate=1e12, steps=50)
    with pytest.raises(ModelUnusable, match=r"diverged 6 times.*lower --learning-rate"):
        train(hasty, quiet, said.append)
    assert sum("goes back to step" in line for line in said) == 5
