"""Where the course of a run can be followed from outside: TensorBoard and Weights & Biases, if installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        self._run: Any = wandb.init(
            project="parley", name=folder.parent.name, dir=str(folder), config=dict(settings), resume="allow"
        )

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log(dict(figures), step=step)

    def close(self) -> None:
        self._run.finish()


def open_trackers(names: Sequence[str], folder: Path, settings: Mapping[str, Any]) -> list[Tracker]:
    """The trackers of these names; raises ModelUnusable for one that is unknown or not installed."""
    made: list[Tracker] = []
    for name in names:
        if name == "tensorboard":
            made.append(TensorBoard(folder))
        elif name == "wandb":
            made.append(WeightsAndBiases(folder, settings))
        else:
            raise ModelUnusable(f"There is no tracker {name!r}; choose tensorboard or wandb.")
    return made
