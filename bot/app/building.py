"""Builds a bot from its settings and takes it down again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from bot import plugins
from bot.answers.answerer import Answerer
from bot.app import engines, parts, pictures, privacy, recommending
from bot.guard import Guard
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.library import Library
from bot.memory.acquaintance import Acquaintance
from bot.memory.facts.extraction import FactReader
from bot.memory.recall import Recall
from bot.memory.summarizer import Summarizer
from bot.metrics import MeasuredPipeline, ServingModel
from bot.phrases import Phrases
from bot.pictures.studio import Studio
from bot.pictures.words import TagFinder
from bot.pipeline import Pipeline, nothing
from bot.protocols import Channel, TextEngine
from bot.recommending.recommender import Recommender
from bot.routing.router import Router
from bot.sender import Sender, SenderRules
from bot.settings import Settings
from bot.streams import LocalStreams
from bot.supervisor import Status, Supervisor
from bot.worker import Workers

if TYPE_CHECKING:
    from storage import Store


@dataclass(frozen=True)
class Bot:
    """A bot that is running: what a channel, a command or a plug-in may use of it."""

    settings: Settings
    streams: LocalStreams
    store: Store
    engine: TextEngine
    library: Library
    retriever: KnowledgeIndex
    phrases: Phrases
    studio: Studio
    recall: Recall | None
    pipeline: MeasuredPipeline
    registry: CollectorRegistry


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    """Database, models and knowledge, ready to answer; nothing is answered before `working`."""
    streams = LocalStreams()
    embedder_loads = asyncio.create_task(asyncio.to_thread(parts.load_embedder, settings))
    try:
        async with (
            engines.opened_engine(settings) as engine,
            parts.opened_store(settings, streams) as store,
            pictures.opened_images(settings, engines.is_talking(engine)) as images,
        ):
            embedder = await embedder_loads
            retriever = KnowledgeIndex(store.knowledge, embedder)
            phrases = Phrases()
            registry = CollectorRegistry()
            registry.register(ServingModel(engine))
            persona = parts.read_persona(settings)
            answerer = parts.build_answerer(settings, engine, retriever, embedder, persona)
            studio = Studio(images, TagFinder(embedder), store.files)
            recall = parts.build_recall(settings, store.memories, embedder)
            recommender = await recommending.opened_recommender(settings, store, embedder)
            pipeline = await asyncio.to_thread(
                build_pipeline, settings, engine, answerer, phrases, persona, store, studio, recall, recommender
            )
            yield Bot(
                settings=settings,
                streams=streams,
                store=store,
                engine=engine,
                library=Library(store.knowledge, [settings.path(folder) for folder in settings.knowledge.folders]),
                retriever=retriever,
                phrases=phrases,
                studio=studio,
                recall=recall,
                pipeline=MeasuredPipeline(pipeline, registry),
                registry=registry,
            )
            await retriever.close()
    finally:
        embedder_loads.cancel()
        await asyncio.gather(embedder_loads, return_exceptions=True)


def build_pipeline(
    settings: Settings,
    engine: TextEngine,
    answerer: Answerer,
    phrases: Phrases,
    persona: str,
    store: Store,
    studio: Studio,
    recall: Recall | None,
    recommender: Recommender | None,
) -> Pipeline:
    """The stages of a reply, in one place; skills come from the table of entry points."""
    limits = settings.limits
    ingredients = plugins.Ingredients(
        settings=settings,
        answerer=answerer,
        engine=engine,
        phrases=phrases,
        persona=persona,
        records=store.records,
        facts=store.facts,
        people=store.people,
        pictures=store.pictures,
        studio=studio,
        recall=recall,
        acquaintance=_acquaintance(settings, store, recall) if recall else None,
        recommender=recommender,
        eraser=privacy.build_eraser(settings, store, rewriting=False, forgetful=privacy.forgetful(recall, engine)),
    )
    return Pipeline(
        guard=Guard(limits.message_characters, limits.messages_per_minute),
        router=Router.load(phrases),
        skills=plugins.skills(ingredients),
        phrases=phrases,
        language=settings.bot.language,
        learn=FactReader().learn if settings.memory.enabled else nothing,
        moderator=parts.build_moderator(settings),
        consent=settings.privacy.consent_text,
    )


def _acquaintance(settings: Settings, store: Store, recall: Recall) -> Acquaintance:
    return Acquaintance(store.facts, store.memories, recall, turns=settings.memory.recalled_turns)


@asynccontextmanager
async def working(
    bot: Bot, channels: Sequence[Channel], statuses: Mapping[str, Status] = MappingProxyType({})
) -> AsyncIterator[None]:
    """Channels, senders and workers; at the end intake stops first, then what is under way is finished in time.

    `statuses` are those of channels, by name, that tell how their connection is.
    """
    rules = SenderRules(drain=bot.settings.workers.drain_seconds)
    async with AsyncExitStack() as stack:
        for channel in channels:
            await stack.enter_async_context(Sender(bot.store.outbox, channel, rules).running())
        if bot.settings.memory.enabled:
            summarizer = Summarizer(bot.store.memories, window=bot.settings.limits.history_turns)
            await stack.enter_async_context(summarizer.running())
        workers = Workers(bot.store.turns, bot.pipeline, bot.streams, bot.settings.workers)
        await stack.enter_async_context(workers.running())
        for channel in channels:
            status = statuses.get(channel.name) or Status(channel.name)
            await stack.enter_async_context(Supervisor(channel, status).running())
        yield
