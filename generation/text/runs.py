"""The folder of a training run: what it was made from, where it stands, and how it went.

Beside what every run folder has, `best.pt` holds the weights that did best in validation; `loss.png` and `loss.csv`
show the course.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, field

import torch
from torch import nn

from generation.run_folder import RunFolder

BEST = "best.pt"


@dataclass
class State:
    """Where a run stands: steps done, tokens seen, seconds worked, losses (nats) and (step, validation loss), of
    which number `best` is the lowest."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    validation: list[tuple[int, float]] = field(default_factory=list)
    best: int = 0


class Run(RunFolder):
    """A folder whose state is a model with its optimisers."""

    def save(self, state: State, model: nn.Module, optimizers: list[torch.optim.Optimizer]) -> None:
        """Stores what the next step depends on."""
        optimizer_states = [optimizer.state_dict() for optimizer in optimizers]
        self.store({"state": asdict(state), "model": model.state_dict(), "optimizers": optimizer_states})

    def restore(self, model: nn.Module, optimizers: list[torch.optim.Optimizer]) -> State | None:
        """Puts model and optimisers where the run stood; None when it has not begun."""
        content = self.stored()
        if content is None:
            return None
        model.load_state_dict(content["model"])
        for optimizer, known in zip(optimizers, content["optimizers"], strict=True):
            optimizer.load_state_dict(known)
        return State(**content["state"])

    def keep_best(self, model: nn.Module) -> None:
        """Stores the weights as the best so far."""
        self.store(model.state_dict(), BEST)

    def load_best(self, model: nn.Module) -> None:
        """Gives the model its best weights."""
        model.load_state_dict(self.stored(BEST) or {})

    def draw(self, state: State) -> None:
        """The loss curve as `loss.png`, its values as `loss.csv`."""
        from matplotlib.figure import Figure

        validation = dict(state.validation)
        rows = [(step, loss, validation.get(step, "")) for step, loss in enumerate(state.losses, 1)]
        with (self.folder / "loss.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("step", "training", "validation"), *rows])
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        width = max(len(state.losses) // 200, 1)
        means = [sum(part) / len(part) for part in _parts(state.losses, width)]
        axes.plot([width * (number + 1) for number in range(len(means))], means, label="training", linewidth=1)
        if state.validation:
            axes.plot(*zip(*state.validation, strict=True), label="validation", marker=".")
        axes.set(xlabel="step", ylabel="loss (nats per token)")
        axes.legend()
        figure.savefig(self.folder / "loss.png", dpi=110)


def _parts(values: list[float], width: int) -> list[list[float]]:
    return [values[start : start + width] for start in range(0, len(values), width)]
