"""The index that answers searches, kept in step with the knowledge store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from bot.knowledge.features import Array
from bot.knowledge.injections import without_orders
from bot.knowledge.ranking import Ranker
from bot.knowledge.snapshot import Snapshot, full_text
from bot.messages import Evidence, Passage, Query
from bot.protocols import Embedder, KnowledgeStore, VectorStore

_ENCODED_AT_ONCE = 256
"""Passages; their vectors are stored before the next ones are made, so that an interrupted build goes on."""


class Store(KnowledgeStore, VectorStore, Protocol):
    """Passages and the vectors beside them."""


class KnowledgeIndex:
    """Finds passages (`bot.protocols.Retriever`); `embedder` None searches by words alone.

    The first search builds the index. When the store has changed, searches go on over the old index while the
    new one is built. `close` ends a build that is under way.
    """

    def __init__(self, store: Store, embedder: Embedder | None = None, ranker: Ranker | None = None) -> None:
        """`ranker` None takes the built-in one; raises ModelError if that cannot be read."""
        self._store = store
        self._embedder = embedder
        self._ranker = ranker or Ranker.load()
        self._snapshot: Snapshot | None = None
        self._version: int | None = None
        self._building = asyncio.Lock()
        self._rebuild: asyncio.Task[None] | None = None

    async def search(self, query: Query, k: int = 20) -> Sequence[Evidence]:
        """The k best passages, best first; empty when there is no knowledge."""
        snapshot = await self._current()
        return await asyncio.to_thread(snapshot.search, query, k, self._ranker)

    async def refresh(self) -> None:
        """Returns when the index is as new as the store was at the call."""
        async with self._building:
            version = await self._store.version()
            if version != self._version:
                passages = without_orders(await self._store.passages())
                vectors = await self._vectors(passages) if self._embedder else None
                self._snapshot = await asyncio.to_thread(Snapshot, passages, self._embedder, vectors)
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

    async def _vectors(self, passages: Sequence[Passage]) -> Array:
        """[passages, dimensions]: those that the store has, and the others new and stored."""
        assert self._embedder is not None
        embedder = self._embedder
        stored = _usable(await self._store.vectors(embedder.name), embedder.dimensions)
        missing = [passage for passage in passages if passage.id not in stored]
        for start in range(0, len(missing), _ENCODED_AT_ONCE):
            batch = missing[start : start + _ENCODED_AT_ONCE]
            rows = await asyncio.to_thread(embedder.encode, [full_text(passage) for passage in batch])
            made = dict(zip((passage.id for passage in batch), rows, strict=True))
            await self._store.add_vectors(embedder.name, made)
            stored |= made
        empty = np.zeros((0, embedder.dimensions), dtype=np.float32)
        return np.stack([stored[passage.id] for passage in passages]) if passages else empty


def _usable(vectors: Mapping[str, Array], dimensions: int) -> dict[str, Array]:
    """Without those that another model, or damage, has left behind: each has the right size and length 1 or 0."""
    ids = [key for key, vector in vectors.items() if vector.shape == (dimensions,)]
    if not ids:
        return {}
    squares = np.square(np.stack([vectors[key] for key in ids])).sum(axis=1)
    sound = (np.abs(squares - 1) < 0.01) | (squares == 0)
    return {key: vectors[key] for key, good in zip(ids, sound, strict=True) if good}
