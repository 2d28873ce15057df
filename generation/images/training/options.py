"""What to train, on what and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from generation.errors import ModelUnusable
from generation.images.augmentation import Policy
from generation.images.networks import Kind

Objective = Literal["relativistic", "non-saturating", "minimax", "hinge"]
Precision = Literal["auto", "bf16", "fp32"]


@dataclass(frozen=True, slots=True)
class Habits:
    """What a kind does where its options do not say: learning rate in the beginning and at the end, pictures a step and
    in all, weight of the critic's penalties (at 64 pixels) in the beginning."""

    rates: tuple[float, float]
    betas: tuple[float, float]
    batch: int
    pictures: int
    penalty: float


SMALL_HABITS: Mapping[Kind, Habits] = {
    "gan": Habits((1e-3, 2e-4), (0.0, 0.99), batch=16, pictures=200_000, penalty=1.0),
    "dcgan": Habits((2e-4, 2e-4), (0.5, 0.999), batch=16, pictures=200_000, penalty=0.0),
    "vae": Habits((1e-3, 1e-5), (0.9, 0.999), batch=32, pictures=300_000, penalty=0.0),
}
LARGE_HABITS: Mapping[Kind, Habits] = {
    "gan": Habits((2e-4, 5e-5), (0.0, 0.99), batch=128, pictures=5_000_000, penalty=2.0),
    "dcgan": Habits((2e-4, 2e-4), (0.5, 0.999), batch=128, pictures=5_000_000, penalty=0.0),
    "vae": Habits((2e-4, 1e-5), (0.9, 0.999), batch=128, pictures=5_000_000, penalty=0.0),
}


@dataclass(frozen=True)
class Options:
    """`size` is in pixels; `data` is what `read_pictures` reads; what is None is a matter of habit (`habits`) or, for
    `channels` and `large`, of the pictures and the device.

    `objective` is the game that a GAN plays, `penalty` the weight of R1 and R2 in the beginning, `kl_weight` that of
    the divergence in an autoencoder. `policies` are the augmentations of a critic's pictures; by default those that
    change nothing that a tag says. With `mirror` half of the pictures are seen with left and right exchanged; with
    `colours` a picture's own colour is a tag. `tag_dropout` is how often a tag is hidden. The run ends after `steps` or
    `minutes`, whichever comes first; a grid of samples is drawn every `samples_every` steps.
    """

    kind: Kind
    data: Path
    size: int
    out: Path
    channels: int | None = None
    large: bool | None = None
    steps: int | None = None
    minutes: float | None = None
    resume: bool = False
    seed: int = 1
    batch: int | None = None
    learning_rate: float | None = None
    objective: Objective | None = None
    penalty: float | None = None
    kl_weight: float = 1.0
    policies: tuple[Policy, ...] | None = None
    mirror: bool = True
    colours: bool = True
    tag_dropout: float = 0.15
    samples_every: int = 500
    save_seconds: float = 120
    device: str = "auto"
    precision: Precision = "auto"
    threads: int | None = None
    trackers: tuple[str, ...] = ()
    report: bool = True

    def __post_init__(self) -> None:
        chosen: list[tuple[str | None, Any]] = [
            (self.kind, Kind),
            (self.objective, Objective),
            (self.precision, Precision),
        ]
        chosen += [(policy, Policy) for policy in self.policies or ()]
        for value, allowed in chosen:
            if value is not None and value not in get_args(allowed):
                raise ModelUnusable(f"There is no {value!r}; choose {', '.join(get_args(allowed))}.")

    @property
    def habits(self) -> Habits:
        """Those of a small network, until `large` is decided."""
        return (LARGE_HABITS if self.large else SMALL_HABITS)[self.kind]

    @property
    def game(self) -> Objective:
        """What generator and critic play."""
        return self.objective or ("non-saturating" if self.kind == "dcgan" else "relativistic")

    @property
    def pictures_a_step(self) -> int:
        return self.batch or self.habits.batch

    @property
    def rates(self) -> tuple[float, float]:
        """The learning rate in the beginning and at the end."""
        first, last = self.habits.rates
        return (first, last) if self.learning_rate is None else (self.learning_rate, self.learning_rate * last / first)

    @property
    def planned_steps(self) -> int | None:
        """None where only the minutes count."""
        return self.steps or (None if self.minutes else self.habits.pictures // self.pictures_a_step)

    def identity(self) -> dict[str, Any]:
        """What must be equal for a run to be resumed; how long it runs and where may change."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in RUNNING}


RUNNING = {"data", "out", "steps", "minutes", "resume", "samples_every", "save_seconds"} | {
    "device",
    "precision",
    "threads",
    "trackers",
    "report",
}
"""Options that may change when a run is resumed; that the pictures are the same is checked by their hash."""
