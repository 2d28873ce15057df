"""One function for each part that comes from another layer; heavy imports happen inside of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.answers import confidence
from bot.answers.answerer import Answerer
from bot.errors import ModelError, SettingsError
from bot.knowledge.reranking import LikelihoodReranker
from bot.memory.recall import Recall
from bot.moderation.classifier import Classifier
from bot.moderation.moderator import Moderator
from bot.moderation.words import WordList
from bot.privacy.redaction import Redactor
from bot.protocols import Embedder, Memories, Retriever, TextEngine
from bot.settings import Settings
from bot.streams import LocalStreams

if TYPE_CHECKING:
    from storage import Store

IMMEDIATE_CHANNELS = frozenset({"api", "openai", "terminal"})
"""Channels whose callers wait for each reply, so that a burst is not waited for."""

BUILTIN_EMBEDDER = Path(__file__).parents[2] / "generation" / "weights" / "embedder"
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
        redact=Redactor(settings.privacy.redact),
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


def build_answerer(
    settings: Settings, engine: TextEngine | None, retriever: Retriever, embedder: Embedder, persona: str
) -> Answerer:
    """Answers by the gate of the bot folder if `parley train gate` made one, else by the built-in gate."""
    own = settings.path(GATE_FILE)
    return Answerer(
        LikelihoodReranker(retriever, engine) if settings.knowledge.rerank and engine else retriever,
        confidence.load(own if own.is_file() else None),
        engine,
        embedder=embedder,
        wording=settings.knowledge.wording,
        threshold=settings.knowledge.answer_threshold,
        persona=persona,
    )


def build_recall(settings: Settings, memories: Memories, embedder: Embedder) -> Recall | None:
    """Of earlier messages; None where nothing is to be remembered."""
    return Recall(memories, embedder, zone=ZoneInfo(settings.handoff.timezone)) if settings.memory.enabled else None


def build_moderator(settings: Settings) -> Moderator:
    """By the word list and the thresholds of the settings. Raises SettingsError when the list cannot be read."""
    moderation = settings.moderation
    words = WordList.read(settings.path(moderation.words)) if moderation.words else WordList(())
    return Moderator(words, Classifier.load(), moderation.threshold, moderation.channels)


def read_persona(settings: Settings) -> str:
    """The persona's text; raises SettingsError when its file is missing."""
    path = settings.path(settings.bot.persona)
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"bot.persona: {path} cannot be read ({error.strerror}). `parley init DIR` writes a bot folder."
        ) from None


def model_of(settings: Settings) -> str:
    """`builtin`, a folder, or a hub's name."""
    return settings.text.model if settings.text.model == "builtin" else _name_or_folder(settings, settings.text.model)


def _name_or_folder(settings: Settings, name: str) -> str:
    """A folder beside the settings wins over a hub's name."""
    folder = settings.path(name)
    return str(folder) if Path(folder).is_dir() else name
