"""Picture generators of one's own: training them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.app.tuning import plain_errors


def train_image(options: Mapping[str, Any], report: Callable[[Any], None], say: Callable[[str], None]) -> Path:
    """Trains a generator with `generation.images.training.Options`; returns the model's folder.

    `report` gets the progress after each step, `say` what the owner of the pictures should know. Raises ModelError.
    """
    from generation.images import training

    with plain_errors():
        return training.train(training.Options(**options), report, say)
