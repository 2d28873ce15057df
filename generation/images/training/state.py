"""The folder of a training run: what it was made from, and where it stands.

`run.json` says options and data, `state.pt` holds everything that the next step depends on. It is only written when the
run is well, so that it is also what a diverged run goes back to. Files are replaced whole: a kill at any moment leaves
a run that resumes.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from generation.errors import ModelUnusable

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


@dataclass(frozen=True)
class Run:
    """An opened run folder."""

    folder: Path
    identity: dict[str, Any]

    @classmethod
    def open(cls, out: Path, identity: Mapping[str, object], resume: bool) -> Run:
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
        scratch = file.with_suffix(".new")
        scratch.write_text(json.dumps(known, indent=1, ensure_ascii=False), "utf-8")
        os.replace(scratch, file)
        return cls(folder, known)

    def save(self, state: State, parts: Parts) -> None:
        """Stores what the next step depends on."""
        scratch, file = self.folder / "state.new", self.folder / "state.pt"
        content = {"state": asdict(state), **{name: part.state_dict() for name, part in parts.items()}}
        torch.save(content, scratch)
        os.replace(scratch, file)

    def restore(self, parts: Parts) -> State | None:
        """Puts the parts where the run stood when it was last saved; None when it was not yet."""
        file = self.folder / "state.pt"
        if not file.is_file():
            return None
        content = torch.load(file, map_location="cpu", weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(content[name])
        return State(**content["state"])

    def write_losses(self, state: State) -> None:
        """All losses as `losses.csv`: step, name, value."""
        rows = [(step, name, value) for name, values in state.losses.items() for step, value in values]
        with (self.folder / "losses.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("step", "loss", "value"), *sorted(rows)])
