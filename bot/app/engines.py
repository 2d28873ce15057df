"""The text engine of the settings: a model of this machine, exchanged when another is promoted, or one elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from bot.app.parts import model_of
from bot.errors import Busy, Cancelled, ModelError, ParleyError, SettingsError
from bot.promotion.registry import Registry
from bot.protocols import TextEngine
from bot.settings import Settings
from bot.switching import Opened, SwitchingEngine
from bot.text_engine import MappedEngine

if TYPE_CHECKING:
    from generation.remote.openai import OpenAITextModel
    from generation.text.local import LocalTextModel

log = structlog.get_logger()

FOLLOW_SECONDS = 1.0
"""How often a running bot looks whether another model was promoted."""


@asynccontextmanager
async def opened_engine(settings: Settings) -> AsyncIterator[TextEngine]:
    """The text engine of the settings, exchanged when another model is promoted in the bot folder meanwhile.

    Raises ModelError when its model cannot be loaded or its server does not have it, SettingsError for settings that
    do not fit together.
    """
    if settings.text.backend == "local":
        opened = _local_engine(settings)
    elif settings.text.backend == "openai":
        opened = _remote_engine(settings)
    else:
        raise SettingsError(
            f"text.backend: {settings.text.backend!r} is not there yet in this version; use 'local' or 'openai'."
        )
    async with opened as engine:
        yield engine


def is_talking(engine: TextEngine) -> Callable[[], bool]:
    """Whether an engine of this machine is saying something now."""
    return (lambda: engine.is_talking) if isinstance(engine, SwitchingEngine) else (lambda: False)


@asynccontextmanager
async def _local_engine(settings: Settings) -> AsyncIterator[TextEngine]:
    engine = SwitchingEngine(await _open_local(settings, serving_model(settings)))
    following = asyncio.create_task(_follow(settings, engine))
    try:
        yield engine
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await engine.close()


async def examine_engine(settings: Settings) -> str:
    """For `parley doctor`: which model speaks. Raises ModelError and SettingsError."""
    if settings.text.backend == "openai":
        model = _remote(settings)
        try:
            if reason := await _problem(model):
                raise ModelError(f"text.base_url: {reason}")
        finally:
            await model.close()
        return f"{settings.text.model} at {settings.text.base_url}"
    async with opened_engine(settings) as engine:
        return f"{engine.name}, context of {engine.context_tokens} tokens"


async def _follow(settings: Settings, engine: SwitchingEngine) -> None:
    """Looks at the register every second; a model that cannot be loaded leaves the current one in its place."""
    registry, seen = Registry(settings.folder), -1
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        stamp = await asyncio.to_thread(registry.stamp)
        if stamp == seen:
            continue
        seen = stamp
        try:
            wanted = await asyncio.to_thread(serving_model, settings)
            if wanted != engine.name:
                opened = await _open_local(settings, wanted)
                log.info("another language model serves from now on", model=wanted, before=engine.name)
                await engine.switch(opened)
        except ParleyError as error:
            log.error("the promoted language model cannot serve; the current one goes on", reason=str(error))


async def _open_local(settings: Settings, name: str) -> Opened:
    from generation.errors import ModelUnusable
    from generation.text.local import LocalTextModel

    text = settings.text
    try:
        model = await asyncio.to_thread(
            LocalTextModel.load,
            name,
            device=text.device,
            max_batch=text.max_batch,
            max_new_tokens=text.max_new_tokens,
            temperature=text.temperature,
            top_k=text.top_k,
            top_p=text.top_p,
            min_p=text.min_p,
            repetition_penalty=text.repetition_penalty,
            no_repeat_ngram=text.no_repeat_ngram,
            banned_words=text.banned_words,
            timeout_seconds=text.timeout_seconds,
            queue=settings.limits.queue,
        )
    except ModelUnusable as error:
        raise ModelError(f"text.model: {error}") from None
    return Opened(_mapped(model), model.close)


@asynccontextmanager
async def _remote_engine(settings: Settings) -> AsyncIterator[TextEngine]:
    """A server that is away is no reason not to start: answers are quoted meanwhile, and it may come back."""
    model = _remote(settings)
    try:
        if reason := await _problem(model):
            log.warning("the language model's server cannot be used yet", reason=reason)
        yield _mapped(model)
    finally:
        await model.close()


def _remote(settings: Settings) -> OpenAITextModel:
    from generation.remote.openai import OpenAITextModel

    text = settings.text
    if not text.base_url or text.model == "builtin":
        raise SettingsError(
            "text.backend: 'openai' needs text.base_url (such as http://localhost:8000/v1) and text.model, the name "
            "that the server has for its model."
        )
    return OpenAITextModel(
        text.base_url,
        text.model,
        api_key=text.api_key.get_secret_value(),
        max_new_tokens=text.max_new_tokens,
        temperature=text.temperature,
        top_p=text.top_p,
        timeout_seconds=text.timeout_seconds,
        context_tokens=text.context_tokens,
        queue=settings.limits.queue,
    )


async def _problem(model: OpenAITextModel) -> str | None:
    """Why the server cannot be used, if it cannot."""
    from generation.errors import GenerationError

    try:
        await model.check()
    except GenerationError as error:
        return str(error)
    return None


def _mapped(model: LocalTextModel | OpenAITextModel) -> MappedEngine:
    """With the errors of the core."""
    from generation.errors import EngineBusy, GenerationCancelled, GenerationError

    return MappedEngine(
        model,
        {
            EngineBusy: lambda error: Busy(str(error), getattr(error, "retry_after", 1.0)),
            GenerationCancelled: lambda error: Cancelled(str(error)),
            GenerationError: lambda error: ModelError(str(error)),
        },
    )


def serving_model(settings: Settings) -> str:
    """The folder of the promoted model that serves, else the model of the settings."""
    registry = Registry(settings.folder)
    promoted = registry.current(settings.text.model)
    return str(registry.path(promoted)) if promoted else model_of(settings)
