from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.index import KnowledgeIndex
from bot.settings import BotSection, Settings
from bot.streams import LocalStreams
from generation.embedding import StaticEmbedder
from storage import Store
from tests.bot.skills.commands.conversation import Customer, pipeline

MakeCustomer = Callable[..., Customer]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url, LocalStreams(), coalesce_seconds=0)
    yield store
    await store.close()


@pytest.fixture
def make_customer(store: Store, shop_index: KnowledgeIndex, embedder: StaticEmbedder, tmp_path: Path) -> MakeCustomer:
    """A customer of a bot with these settings of its section `bot`."""

    def make(settings: BotSection | None = None, **who: Any) -> Customer:
        whole = Settings(folder=tmp_path, bot=settings or BotSection(name="Nora"))
        return Customer(store, pipeline(store, shop_index, embedder, whole), **who)

    return make


@pytest.fixture
def anna(make_customer: MakeCustomer) -> Customer:
    return make_customer()
