"""The image engine of the settings, with the models that were promoted and the core's errors."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import Busy, Cancelled, InvalidMessage, ModelError, ParleyError, UnlikeTraining
from bot.promotion.registry import Registry
from bot.protocols import GeneratorKind, ImageEngine
from bot.settings import Settings

if TYPE_CHECKING:
    from generation.errors import GenerationError

BUILT_IN = Path(__file__).parents[2] / "generation" / "weights" / "images"
WAITING = 32
"""Requests for pictures of all customers together; each takes a fraction of a second."""


@asynccontextmanager
async def opened_images(
    settings: Settings, is_talking: Callable[[], bool] = lambda: False
) -> AsyncIterator[ImageEngine]:
    """Nothing is loaded before the first request. Pictures wait while `is_talking`."""
    from generation.images.serving.engine import ImageEngine as Engine

    engine = Engine(
        functools.partial(serving_folder, settings),
        idle_seconds=settings.images.idle_unload_seconds,
        is_talking=is_talking,
        queue=WAITING,
        translated=translated,
    )
    try:
        yield engine
    finally:
        await engine.close()


async def examine_images(settings: Settings) -> str:
    """For `parley doctor`: which generators draw. Raises ModelError for one that cannot."""
    async with opened_images(settings) as engine:
        installed = await asyncio.to_thread(engine.kinds)
        found = [f"{kind} with {len(await engine.tags(kind))} tags" for kind in installed]
    configured = {"gan": settings.images.gan, "vae": settings.images.vae}
    missing = [kind for kind, name in configured.items() if kind not in installed and name not in ("", "builtin")]
    if missing:
        raise ModelError(f"images.{missing[0]}: there is no generator in {settings.path(configured[missing[0]])}.")
    return ", ".join(found) or "no generator is installed; `parley train image` makes one"


def serving_folder(settings: Settings, kind: GeneratorKind) -> Path | None:
    """Where the generator of a kind lies: the promoted one, else that of the settings; None if it is switched off."""
    configured = settings.images.gan if kind == "gan" else settings.images.vae
    registry = Registry(settings.folder)
    if promoted := registry.current(configured, kind):
        return registry.path(promoted)
    if not configured:
        return None
    return BUILT_IN / kind if configured == "builtin" else settings.path(configured)


def translated(error: GenerationError) -> ParleyError:
    from generation import errors

    match error:
        case errors.EngineBusy():
            return Busy(str(error), error.retry_after)
        case errors.GenerationCancelled():
            return Cancelled(str(error))
        case errors.PhotoRefused():
            return InvalidMessage(str(error))
        case errors.UnlikeTraining():
            return UnlikeTraining(str(error))
        case _:
            return ModelError(str(error))
