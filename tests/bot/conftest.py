"""The sample shop as knowledge, with the search and the embedder that are served."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import bot.sample
from bot.app.parts import BUILTIN_EMBEDDER
from bot.knowledge.fixed import FixedKnowledge
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.ingest.reading import read_passages
from bot.messages import Passage
from generation.embedding import StaticEmbedder


@pytest.fixture(scope="session")
def embedder() -> StaticEmbedder:
    return StaticEmbedder.load(BUILTIN_EMBEDDER)


@pytest.fixture(scope="session")
def shop() -> list[Passage]:
    folder = Path(bot.sample.__file__).parent / "knowledge"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [passage for path in files for passage in read_passages(path, path.name, path.name)]


@pytest.fixture(scope="session")
def shop_index(shop: list[Passage], embedder: StaticEmbedder) -> KnowledgeIndex:
    index = KnowledgeIndex(FixedKnowledge(shop), embedder)
    asyncio.run(index.refresh())
    return index
