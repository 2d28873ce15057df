"""Where the course of a run can be followed from outside: TensorBoard and Weights & Biases, if installed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from generation.errors import ModelUnusable


class Tracker(Protocol):
    """A place that figures are sent to."""

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """The figures after a step."""

    def close(self) -> None:
        """Sends what is left."""


class TensorBoard:
    """Event files in the run's folder: `tensorboard --logdir OUT/run/tensorboard`."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise ModelUnusable("TensorBoard is not installed: pip install 'parley-bot[tensorboard]'.") from None
        self._writer: Any = SummaryWriter(str(folder / "tensorboard"))

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()


class WeightsAndBiases:
    """A run of the project `parley`; where it goes is for the package's own variables (WANDB_MODE, WANDB_API_KEY)."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        try:
            import wandb
        except ImportError:
            raise ModelUnusable("Weights & Biases is not installed: pip install 'parley-bot[wandb]'.") from None
        known = hashlib.sha256(f"{folder.resolve()}\n{dict(settings)}".encode()).hexdigest()[:12]
        self._run: Any = wandb.init(
            project="parley",
            id=known,  # a run that is resumed goes on in its own curve
            resume="allow",
            name=folder.parent.name,
            dir=str(folder),
            config=dict(settings),
        )

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log(dict(figures), step=step)

    def close(self) -> None:
        self._run.finish()


@contextmanager
def opened_trackers(names: Sequence[str], folder: Path, settings: Mapping[str, Any]) -> Iterator[list[Tracker]]:
    """The trackers of these names, closed at the end; raises ModelUnusable for one that is unknown or not installed."""
    made: list[Tracker] = []
    try:
        for name in names:
            made.append(_tracker(name, folder, settings))
        yield made
    finally:
        for tracker in made:
            tracker.close()


def _tracker(name: str, folder: Path, settings: Mapping[str, Any]) -> Tracker:
    if name == "tensorboard":
        return TensorBoard(folder)
    if name == "wandb":
        return WeightsAndBiases(folder, settings)
    raise ModelUnusable(f"There is no tracker {name!r}; choose tensorboard or wandb.")
