"""On pictures of two colours, training moves what is drawn towards what is real, and tags come to mean something."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
import torch
from torch import Tensor

from generation.images.networks import Architecture, Kind
from generation.images.pictures import PictureSet
from generation.images.tags import TagVocabulary
from generation.images.training import Options
from generation.images.training.adversarial import Adversaries
from generation.images.training.batches import Batches, chance_of
from generation.images.training.learner import Learner, Moment
from generation.images.training.options import Objective
from generation.images.training.variational import Autoencoder

STEPS = {"gan": 80, "dcgan": 80, "vae": 150}
SIDE = 8
CPU = torch.device("cpu")
TAGS = TagVocabulary(("dark", "light"))


def toys() -> PictureSet:
    """Evenly grey pictures, dark ones (about -0.6) and light ones (about 0.6), with a little noise."""
    chance = numpy.random.default_rng(1)
    light = numpy.arange(200) % 2
    levels = 51 + 153 * light[:, None, None, None] + chance.normal(0, 8, (200, SIDE, SIDE, 1))
    tags = tuple((TAGS.names[kind],) for kind in light)
    return PictureSet(levels.clip(0, 255).astype(numpy.uint8), tags, tuple(map(str, range(200))))


def learner_of(kind: Kind, objective: Objective | None = None) -> Learner:
    torch.manual_seed(1)
    widths = (16,) if kind == "dcgan" else (16, 16)
    architecture = Architecture(kind, SIDE, 1, 8, widths, tags=2, embedding=8)
    rate = {"gan": 2e-3, "dcgan": 1e-3, "vae": 5e-3}[kind]
    options = Options(
        kind, Path(), 32, Path(), batch=16, learning_rate=rate, objective=objective, penalty=0.1, precision="fp32"
    )
    if kind == "vae":
        return Autoencoder(architecture, options, CPU)
    return Adversaries(architecture, options, (), CPU)


def taught(learner: Learner, steps: int) -> dict[str, float]:
    batches = Batches(toys(), TAGS, size=16, mirror=True, device=CPU)
    figures = {}
    for step in range(steps):
        chance = chance_of(1, step)
        figures = learner.step(batches.draw(chance), Moment(step, step / steps, chance, 0))
    return figures


def levels(learner: Learner) -> tuple[Tensor, Tensor]:
    """The mean levels of 64 dark and of 64 light pictures."""
    latents = torch.randn(64, 8, generator=chance_of(2, 0))
    rows = torch.eye(2).repeat_interleave(64, 0)
    dark, light = learner.drawn(latents.repeat(2, 1), rows).mean((1, 2, 3)).split(64)  # type: ignore[no-untyped-call]
    return dark, light


@pytest.mark.parametrize(
    ("kind", "objective"),
    [("gan", "relativistic"), ("gan", "hinge"), ("gan", "non-saturating"), ("dcgan", None), ("vae", None)],
)
def test_what_is_drawn_moves_to_what_is_real(kind: Kind, objective: Objective | None) -> None:
    learner = learner_of(kind, objective)
    before = sum(abs(float(part.mean()) - level) for part, level in zip(levels(learner), (-0.6, 0.6), strict=True))
    figures = taught(learner, STEPS[kind])
    dark, light = levels(learner)
    after = abs(float(dark.mean()) + 0.6) + abs(float(light.mean()) - 0.6)
    assert after < 0.5 * before
    assert float(light.mean()) - float(dark.mean()) > 0.5
    if kind == "vae":
        assert figures["squared error"] < 0.004  # the pictures have a variance of 0.09
        assert figures["KL"] > 0


def test_setbacks_raise_the_penalty_or_lower_the_rate() -> None:
    adversaries, reference = learner_of("gan"), learner_of("dcgan")
    assert isinstance(adversaries, Adversaries)
    assert isinstance(reference, Adversaries)
    chance = chance_of(1, 0)
    weights = [adversaries.penalty_weight(Moment(0, 0.0, chance, setbacks)) for setbacks in range(3)]
    assert weights == pytest.approx([0.1, 0.4, 1.6])
    assert adversaries.penalty_weight(Moment(9, 1.0, chance, 0)) == pytest.approx(0.01)
    bare = Adversaries(Architecture("dcgan", SIDE, 1, 8, (16,)), Options("dcgan", Path(), 32, Path()), (), CPU)
    assert [bare.penalty_weight(Moment(0, 0.0, chance, setbacks)) for setbacks in range(3)] == [0.0, 1.0, 4.0]
