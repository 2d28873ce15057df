"""One function for each part that comes from another layer; heavy imports happen inside of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.answers import confidence
from bot.answers.answerer import Answerer
from bot.errors import Busy, Cancelled, ModelError, ParleyError, SettingsError
from bot.promotion.registry import Registry
from bot.protocols import Embedder, Retriever, TextEngine
from bot.settings import Settings
from bot.streams import LocalStreams
from bot.switching import Opened, SwitchingEngine
from bot.text_engine import MappedEngine

if TYPE_CHECKING:
    from storage import Store

log = structlog.get_logger()

IMMEDIATE_CHANNELS = frozenset({"api", "openai", "terminal"})
"""Channels whose callers wait for each reply, so that a burst is not waited for."""

BUILTIN_EMBEDDER = Path(__file__).parents[2] / "generation" / "weights" / "embedder"
FOLLOW_SECONDS = 1.0
"""How often a running bot looks whether another model was promoted."""
GATE_FILE = "gate.json"
"""What `parley train gate` writes into the bot folder."""
FILES_FOLDER = "files"
"""Where the bot folder keeps what customers and the bot send."""


@asynccontextmanager
async def opened_store(settings: Settings, streams: LocalStreams) -> AsyncIterator[Store]:
    """The database of the settings, migrated to this version."""
    from storage import Store
    from storage.migrations import upgrade

    await upgrade(settings.database_url)
    store = await Store.open(
        settings.database_url,
        streams,
        lease_seconds=settings.workers.lease_seconds,
        coalesce_seconds=settings.limits.coalesce_milliseconds / 1000,
        immediate_channels=IMMEDIATE_CHANNELS,
        queue_limit=settings.limits.queue,
        history_turns=settings.limits.history_turns,
        files=settings.path(FILES_FOLDER),
    )
    try:
        yield store
    finally:
        await store.close()


def load_embedder(settings: Settings) -> Embedder:
    """Blocking. Raises ModelError when a named embedder cannot be loaded."""
    from generation.embedding import SentenceTransformerEmbedder, StaticEmbedder
    from generation.errors import ModelUnusable

    name = settings.knowledge.embedder
    try:
        if name == "builtin":
            return StaticEmbedder.load(BUILTIN_EMBEDDER)
        return SentenceTransformerEmbedder(_name_or_folder(settings, name))
    except ModelUnusable as error:
        raise ModelError(f"knowledge.embedder: {error}") from None


@asynccontextmanager
async def opened_engine(settings: Settings) -> AsyncIterator[TextEngine]:
    """The text engine of the settings, exchanged when another model is promoted in the bot folder meanwhile.

    Raises ModelError when its model cannot be loaded.
    """
    if settings.text.backend != "local":
        raise SettingsError(f"text.backend: {settings.text.backend!r} is not there yet in this version; use 'local'.")
    engine = SwitchingEngine(await _open_local(settings, serving_model(settings)))
    following = asyncio.create_task(_follow(settings, engine))
    try:
        yield engine
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await engine.close()


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
    from generation.errors import EngineBusy, GenerationCancelled, GenerationError, ModelUnusable
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
            repetition_penalty=text.repetition_penalty,
            timeout_seconds=text.timeout_seconds,
            queue=settings.limits.queue,
        )
    except ModelUnusable as error:
        raise ModelError(f"text.model: {error}") from None
    mapped = MappedEngine(
        model,
        {
            EngineBusy: lambda error: Busy(str(error), getattr(error, "retry_after", 1.0)),
            GenerationCancelled: lambda error: Cancelled(str(error)),
            GenerationError: lambda error: ModelError(str(error)),
        },
    )
    return Opened(mapped, model.close)


def build_answerer(
    settings: Settings, engine: TextEngine | None, retriever: Retriever, embedder: Embedder, persona: str
) -> Answerer:
    """Answers by the gate of the bot folder if `parley train gate` made one, else by the built-in gate."""
    own = settings.path(GATE_FILE)
    return Answerer(
        retriever,
        confidence.load(own if own.is_file() else None),
        engine,
        embedder=embedder,
        wording=settings.knowledge.wording,
        threshold=settings.knowledge.answer_threshold,
        persona=persona,
    )


def read_persona(settings: Settings) -> str:
    """The persona's text; raises SettingsError when its file is missing."""
    path = settings.path(settings.bot.persona)
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"bot.persona: {path} cannot be read ({error.strerror}). `parley init DIR` writes a bot folder."
        ) from None


def serving_model(settings: Settings) -> str:
    """The folder of the promoted model that serves, else the model of the settings."""
    registry = Registry(settings.folder)
    promoted = registry.current(settings.text.model)
    return str(registry.path(promoted)) if promoted else model_of(settings)


def model_of(settings: Settings) -> str:
    """`builtin`, a folder, or a hub's name."""
    return settings.text.model if settings.text.model == "builtin" else _name_or_folder(settings, settings.text.model)


def _name_or_folder(settings: Settings, name: str) -> str:
    """A folder beside the settings wins over a hub's name."""
    folder = settings.path(name)
    return str(folder) if Path(folder).is_dir() else name
