"""The folder of a training run: what it was made from, where it stands, and how it went.

`run.json` says options and data hashes, `state.pt` holds everything that the next step depends on, `best.pt` the
weights that did best in validation; `loss.png` and `loss.csv` show the course. Files are replaced whole, so a kill at
any moment leaves a run that resumes.
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from generation.errors import ModelUnusable


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


@dataclass(frozen=True)
class Run:
    """An opened run folder."""

    folder: Path
    identity: dict[str, Any]

    @classmethod
    def open(cls, out: Path, identity: dict[str, object], resume: bool) -> Run:
        """Makes the folder, or finds it again; raises ModelUnusable when it belongs to another run."""
        folder = out / "run"
        known = json.loads(json.dumps(identity, default=str))
        file = folder / "run.json"
        if resume and file.is_file():
            before = json.loads(file.read_text("utf-8"))
            changed = [key for key in known if before.get(key) != known[key]]
            if changed:
                raise ModelUnusable(f"{out} was trained with other {' and '.join(changed)}; it cannot be resumed so.")
        elif (folder / "state.pt").exists():
            raise ModelUnusable(f"{out} holds a run already; resume it, or name another folder.")
        folder.mkdir(parents=True, exist_ok=True)
        _replace(file, json.dumps(known, indent=1).encode())
        return cls(folder, known)

    def save(self, state: State, model: nn.Module, optimizers: list[torch.optim.Optimizer]) -> None:
        """Stores what the next step depends on."""
        content = {
            "state": asdict(state),
            "model": model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        }
        self._store(content, "state.pt")

    def restore(self, model: nn.Module, optimizers: list[torch.optim.Optimizer]) -> State | None:
        """Puts model and optimisers where the run stood; None when it has not begun."""
        file = self.folder / "state.pt"
        if not file.is_file():
            return None
        content = torch.load(file, map_location="cpu", weights_only=True)
        model.load_state_dict(content["model"])
        for optimizer, known in zip(optimizers, content["optimizers"], strict=True):
            optimizer.load_state_dict(known)
        return State(**content["state"])

    def keep_best(self, model: nn.Module) -> None:
        """Stores the weights as the best so far."""
        self._store(model.state_dict(), "best.pt")

    def load_best(self, model: nn.Module) -> None:
        """Gives the model its best weights."""
        model.load_state_dict(torch.load(self.folder / "best.pt", map_location="cpu", weights_only=True))

    def _store(self, content: object, name: str) -> None:
        scratch = self.folder / f"{name}.new"
        torch.save(content, scratch)
        os.replace(scratch, self.folder / name)

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


def _replace(file: Path, content: bytes) -> None:
    scratch = file.with_suffix(".new")
    scratch.write_bytes(content)
    os.replace(scratch, file)
