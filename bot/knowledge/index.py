"""The index that answers searches, kept in step with the knowledge store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from bot.knowledge.snapshot import Snapshot
from bot.messages import Evidence, Query
from bot.protocols import Embedder, KnowledgeStore, VectorStore


class Store(KnowledgeStore, VectorStore, Protocol):
    """Passages and the vectors beside them."""


class KnowledgeIndex:
    """Finds passages (`bot.protocols.Retriever`); `embedder` None searches by words alone.

    The first search builds the index. When the store has grown, searches go on over the old index while the
    new one is built. `close` ends a build that is under way.
    """

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        self._store = store
        self._embedder = embedder
        self._snapshot: Snapshot | None = None
        self._version = -1
        self._building = asyncio.Lock()
        self._rebuild: asyncio.Task[None] | None = None

    async def search(self, query: Query, k: int = 20) -> Sequence[Evidence]:
        """The k best passages, best first; empty when there is no knowledge."""
        snapshot = await self._current()
        return await asyncio.to_thread(snapshot.search, query, k)

    async def refresh(self) -> None:
        """Returns when the index is as new as the store was at the call."""
        async with self._building:
            version = await self._store.version()
            if self._snapshot is None or version != self._version:
                passages = await self._store.passages()
                self._snapshot = await asyncio.to_thread(Snapshot, passages)
                self._version = version

    async def close(self) -> None:
        """Ends a build that is under way."""
        if self._rebuild is not None:
            self._rebuild.cancel()
            await asyncio.gather(self._rebuild, return_exceptions=True)
            self._rebuild = None

    async def _current(self) -> Snapshot:
        if self._snapshot is None:
            await self.refresh()
        elif (self._rebuild is None or self._rebuild.done()) and await self._store.version() != self._version:
            self._rebuild = asyncio.create_task(self.refresh())
        assert self._snapshot is not None
        return self._snapshot
