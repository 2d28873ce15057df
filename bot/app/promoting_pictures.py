"""Promoting a generator of pictures: what serves as `images.gan` and `images.vae`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import pictures
from bot.errors import ModelError, UsageError
from bot.promotion.comparison import Verdict, compare_pictures
from bot.promotion.registry import METRICS, ModelKind, Promoted, Registry, describe
from bot.settings import Settings

MEASURED_BY = "classifier"
"""The hash in the figures under which alone they can be compared."""


def promote(
    settings: Settings, folder: Path, kind: ModelKind, tell: Callable[[Verdict], None], say: Callable[[str], None]
) -> Promoted:
    """Makes a generator draw from now on, unless a figure that was stored with it is worse than the current one's.

    Figures that were measured by different classifiers, or are missing, cannot be compared, which `say` is told.
    """
    from generation.errors import ModelUnusable
    from generation.images.stored import StoredModel

    if kind == "text":
        raise UsageError(f"{folder} holds a language model, which draws nothing.")
    try:
        StoredModel.load(folder)
    except ModelUnusable as error:
        raise ModelError(f"{folder} is not promoted: {error}") from None
    registry = Registry(settings.folder)
    model = describe(folder, configured(settings, kind), datetime.now(UTC), kind)
    serving = registry.current(configured(settings, kind), kind)
    if serving and serving.digest == model.digest:
        raise UsageError(f"{folder} is the model that serves already, as {serving.id}.")
    new, current = _figures(folder), _figures(pictures.serving_folder(settings, kind))
    if new.get(MEASURED_BY) and new.get(MEASURED_BY) == current.get(MEASURED_BY):
        _judge(folder, _numbers(new), _numbers(current), tell)
    else:
        say("the current generator has no figures of the same pictures, so that the two are not compared")
    model = replace(model, scores=_numbers(new), test_set=str(new.get(MEASURED_BY, "")))
    registry.promote(model, folder)
    return model


def configured(settings: Settings, kind: ModelKind) -> str:
    """What the settings name for a kind of model."""
    return settings.text.model if kind == "text" else settings.images.gan if kind == "gan" else settings.images.vae


def _judge(
    folder: Path, new: Mapping[str, float], current: Mapping[str, float], tell: Callable[[Verdict], None]
) -> None:
    verdict = compare_pictures(new, current)
    tell(verdict)
    if verdict.objections:
        worse = "\n  ".join(verdict.objections)
        raise ModelError(f"{folder} is not promoted, since it is worse than the current generator:\n  {worse}")


def _figures(folder: Path | None) -> dict[str, Any]:
    """What was measured of a generator and stored with it, if anything was."""
    try:
        figures = json.loads((folder / METRICS).read_text("utf-8")) if folder else {}
    except (OSError, ValueError):
        return {}
    return figures if isinstance(figures, dict) else {}


def _numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
