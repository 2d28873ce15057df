"""Where a training of pictures stands, and the folder that keeps it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import torch
from torch import nn

from generation.run_folder import RunFolder

Parts = Mapping[str, nn.Module | torch.optim.Optimizer]


@dataclass
class State:
    """Where a run stands: steps done, seconds worked, how often it went back, (step, value) of each loss by its name,
    and (step, variety of what is drawn)."""

    step: int = 0
    seconds: float = 0.0
    setbacks: int = 0
    losses: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    variety: list[tuple[int, float]] = field(default_factory=list)

    def note(self, figures: Mapping[str, float]) -> None:
        """The losses of the step just done."""
        for name, value in figures.items():
            self.losses.setdefault(name, []).append((self.step, value))

    def recent(self, steps: int) -> dict[str, float]:
        """The mean of each loss's last values."""
        last = {name: [value for _, value in values[-steps:]] for name, values in self.losses.items()}
        return {name: sum(values) / len(values) for name, values in last.items()}


class Run(RunFolder):
    """A folder whose state is any number of parts by their names. It is only stored when the run is well, so that it is
    also what a diverged run goes back to."""

    def save(self, state: State, parts: Parts) -> None:
        """Stores what the next step depends on."""
        self.store({"state": asdict(state), **{name: part.state_dict() for name, part in parts.items()}})

    def restore(self, parts: Parts) -> State | None:
        """Puts the parts where the run stood when it was last saved; None when it was not yet."""
        content = self.stored()
        if content is None:
            return None
        for name, part in parts.items():
            part.load_state_dict(content[name])
        return State(**content["state"])

    def write_losses(self, state: State) -> None:
        """All losses as `losses.csv`: step, name, value."""
        rows = [(step, name, value) for name, values in state.losses.items() for step, value in values]
        with (self.folder / "losses.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("step", "loss", "value"), *sorted(rows)])
