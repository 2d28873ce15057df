"""Knowledge that does not change and is kept nowhere: for fitting and measuring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.errors import NotFound, UsageError
from bot.messages import Document, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FixedKnowledge:
    """bot.protocols.KnowledgeStore and VectorStore over given passages, in memory."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = {passage.id: passage for passage in passages}
        self._vectors: dict[str, dict[str, NDArray[np.float32]]] = {}

    async def replace(self, document: Document, passages: Sequence[Passage]) -> None:
        """Raises UsageError."""
        raise UsageError("This knowledge cannot be changed.")

    async def remove(self, document_id: str) -> Document:
        """Raises UsageError."""
        raise UsageError("This knowledge cannot be changed.")

    async def documents(self) -> Sequence[Document]:
        """None: passages only."""
        return ()

    async def passages(self) -> Sequence[Passage]:
        """In the order given."""
        return tuple(self._passages.values())

    async def passage(self, passage_id: str) -> Passage:
        """Raises NotFound."""
        try:
            return self._passages[passage_id]
        except KeyError:
            raise NotFound(f"There is no passage {passage_id}.") from None

    async def version(self) -> int:
        """Always the same."""
        return 1

    async def vectors(self, embedder: str) -> dict[str, NDArray[np.float32]]:
        """Those that were added."""
        return dict(self._vectors.get(embedder, {}))

    async def add_vectors(self, embedder: str, vectors: dict[str, NDArray[np.float32]]) -> None:
        """Kept until this object is gone."""
        self._vectors.setdefault(embedder, {}).update(vectors)
