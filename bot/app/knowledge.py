"""The knowledge base without a bot: what `parley knowledge` works with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.app import parts
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.library import Library
from bot.messages import Evidence, Query
from bot.settings import Settings
from bot.streams import LocalStreams


@asynccontextmanager
async def open_library(settings: Settings) -> AsyncIterator[Library]:
    """The library of a bot folder, as it was left."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        yield Library(store.knowledge, [settings.path(folder) for folder in settings.knowledge.folders])


async def search_knowledge(settings: Settings, text: str, k: int) -> Sequence[Evidence]:
    """The k best passages for a text, with the folders of the settings as they are now."""
    embedder = await asyncio.to_thread(parts.load_embedder, settings)
    async with parts.opened_store(settings, LocalStreams()) as store:
        folders = [settings.path(folder) for folder in settings.knowledge.folders]
        await Library(store.knowledge, folders).sync()
        index = KnowledgeIndex(store.knowledge, embedder)
        try:
            return await index.search(Query(text), k)
        finally:
            await index.close()
