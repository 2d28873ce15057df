"""Documents, passages and their vectors in SQL (`bot.protocols.KnowledgeStore` and `VectorStore`)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from bot.errors import KnowledgeError, NotFound
from bot.messages import Document, Passage
from storage.database import Database
from storage.tables import Counters, Documents, Passages, PassageVectors, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COUNTER = "knowledge"
_BATCH = 500
"""Ids in one statement; both databases bound the number of parameters."""


_PASSAGES = Table.metadata.tables[Passages.__tablename__]
_DOCUMENTS = Table.metadata.tables[Documents.__tablename__]
_UPDATE = (
    _PASSAGES.update()
    .where(_PASSAGES.c.id == bindparam("new_id"))
    .values({column.name: bindparam(f"new_{column.name}") for column in _PASSAGES.c if not column.primary_key})
)
_RAISE = text(
    "INSERT INTO counters (name, value) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
)


class SqlKnowledge:
    """The knowledge of a `Database`. Every change raises the version in its own transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, document: Document, passages: Sequence[Passage]) -> None:
        """Puts a document in place of the one with the same name, in one transaction.

        A passage that stays as it is keeps its vectors. Raises KnowledgeError, and then has changed nothing, when a
        passage's id belongs to another document.
        """
        await self._database.write(lambda connection: _replace(connection, document, passages))

    async def remove(self, document_id: str) -> Document:
        """Takes a document away with its passages and vectors; raises NotFound."""
        return await self._database.write(lambda connection: _remove(connection, document_id))

    async def documents(self) -> Sequence[Document]:
        """All of them, by name."""
        rows = await self._all(select(_DOCUMENTS).order_by(Documents.name))
        return [_document(row) for row in rows]

    async def passages(self) -> Sequence[Passage]:
        """All of them, by document and position."""
        found = select(_PASSAGES).join(Documents, Documents.id == Passages.document_id)
        rows = await self._all(found.order_by(Documents.name, Passages.position))
        return await asyncio.to_thread(lambda: [_passage(row) for row in rows])

    async def passage(self, passage_id: str) -> Passage:
        """Raises NotFound."""
        rows = await self._all(select(_PASSAGES).where(Passages.id == passage_id))
        if not rows:
            raise NotFound(f"There is no passage {passage_id!r} in the knowledge base.")
        return _passage(rows[0])

    async def version(self) -> int:
        """Grows with each change, so that an index knows when it is old."""
        rows = await self._all(select(Counters.value).where(Counters.name == COUNTER))
        return rows[0].value if rows else 0

    async def vectors(self, embedder: str) -> dict[str, NDArray[np.float32]]:
        """Vectors by passage id; those that cannot be read are left out."""
        stored = select(PassageVectors.passage_id, PassageVectors.vector).where(PassageVectors.embedder == embedder)
        return await asyncio.to_thread(_decoded, await self._all(stored))

    async def add_vectors(self, embedder: str, vectors: dict[str, NDArray[np.float32]]) -> None:
        """Stores or replaces; ids of passages that are gone are ignored."""
        encoded = {identity: vector.astype("<f4").tobytes() for identity, vector in vectors.items()}
        await self._database.write(lambda connection: _add_vectors(connection, embedder, encoded))

    async def _all(self, statement: Any) -> Sequence[Row[Any]]:
        return await self._database.read(lambda connection: connection.execute(statement).all())


def _replace(connection: Connection, document: Document, passages: Sequence[Passage]) -> None:
    found = select(Documents.id).where(Documents.name == document.name)
    former: str | None = connection.execute(found.with_for_update()).scalar()
    if former and former != document.id:
        connection.execute(delete(Documents).where(Documents.id == former))
        former = None
    values = {key: getattr(document, key) for key in ("id", "name", "source", "digest", "passages", "added_at")}
    if former:
        connection.execute(update(Documents).where(Documents.id == former), values)
    else:
        connection.execute(insert(Documents), values)
    _write_passages(connection, document, passages)
    _raise_version(connection)


def _write_passages(connection: Connection, document: Document, passages: Sequence[Passage]) -> None:
    """Passages that stay are updated in place, so that their vectors stay. Old positions are made negative
    first: a place in the document is unique, and the passages may have changed places."""
    of_document = Passages.document_id == document.id
    present = connection.execute(select(Passages.id, Passages.title, Passages.text).where(of_document))
    former = {row.id: (row.title, row.text) for row in present}
    wanted = {passage.id: _row(passage, document.id) for passage in passages}
    kept = [_renamed(row) for identity, row in wanted.items() if identity in former]
    added = [row for identity, row in wanted.items() if identity not in former]
    reworded = {passage.id for passage in passages if former.get(passage.id) != (passage.title, passage.text)}
    _refuse_others(connection, document, [row["id"] for row in added])
    _delete(connection, Passages.id, former.keys() - wanted.keys())
    _delete(connection, PassageVectors.passage_id, former.keys() & reworded)
    connection.execute(update(Passages).where(of_document).values(position=-1 - Passages.position))
    if kept:
        connection.execute(_UPDATE, kept)
    if added:
        connection.execute(insert(Passages), added)


def _delete(connection: Connection, column: InstrumentedAttribute[str], identities: Set[str]) -> None:
    for batch in _batches(sorted(identities)):
        connection.execute(delete(column.class_).where(column.in_(batch)))


def _refuse_others(connection: Connection, document: Document, identities: Sequence[str]) -> None:
    for batch in _batches(identities):
        taken = connection.execute(
            select(Passages.id, Documents.name)
            .join(Documents, Documents.id == Passages.document_id)
            .where(Passages.id.in_(batch), Passages.document_id != document.id)
        ).first()
        if taken:
            raise KnowledgeError(
                f"{document.name}: the passage id {taken[0]!r} belongs to {taken[1]} already; remove that document "
                "or change the id."
            )


def _remove(connection: Connection, document_id: str) -> Document:
    row = connection.execute(select(_DOCUMENTS).where(Documents.id == document_id)).first()
    if row is None:
        raise NotFound(
            f"There is no document {document_id!r} in the knowledge base; `parley knowledge list` shows all."
        )
    connection.execute(delete(Documents).where(Documents.id == document_id))
    _raise_version(connection)
    return _document(row)


def _add_vectors(connection: Connection, embedder: str, encoded: Mapping[str, bytes]) -> None:
    for batch in _batches(sorted(encoded)):
        present = list(connection.execute(select(Passages.id).where(Passages.id.in_(batch))).scalars())
        connection.execute(
            delete(PassageVectors).where(PassageVectors.embedder == embedder, PassageVectors.passage_id.in_(present))
        )
        rows = [{"passage_id": key, "embedder": embedder, "vector": encoded[key]} for key in present]
        if rows:
            connection.execute(insert(PassageVectors), rows)


def _raise_version(connection: Connection) -> None:
    connection.execute(_RAISE, {"name": COUNTER})


def _batches(identities: Sequence[str]) -> list[Sequence[str]]:
    return [identities[start : start + _BATCH] for start in range(0, len(identities), _BATCH)]


def _row(passage: Passage, document_id: str) -> dict[str, Any]:
    return {
        "id": passage.id,
        "document_id": document_id,
        "position": passage.position,
        "title": passage.title,
        "text": passage.text,
        "source": passage.source,
        "heading": list(passage.heading),
        "language": passage.language,
    }


def _renamed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values by the names that `_UPDATE` binds."""
    return {f"new_{name}": value for name, value in row.items()}


def _decoded(rows: Sequence[Row[Any]]) -> dict[str, NDArray[np.float32]]:
    import numpy as np

    whole = [row for row in rows if len(row.vector) % 4 == 0]
    vectors = {row.passage_id: np.frombuffer(row.vector, "<f4").astype(np.float32) for row in whole}
    return {identity: vector for identity, vector in vectors.items() if np.isfinite(vector).all()}


def _document(row: Row[Any]) -> Document:
    return Document(row.id, row.name, row.source, row.digest, row.passages, row.added_at)


def _passage(row: Row[Any]) -> Passage:
    return Passage(
        row.id, row.title, row.text, row.source, row.document_id, tuple(row.heading), row.position, row.language
    )
