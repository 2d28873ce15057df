"""Removes conversations with everything that hangs on them, and says how much it was.

Rows are deleted table by table, children first: the counts are known then, and no cascade has to search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, delete, select, update

from storage.tables import (
    Conversations,
    Deliveries,
    Facts,
    Feedback,
    Files,
    Messages,
    Parts,
    Pictures,
    Summaries,
    Table,
    Traces,
    Withheld,
)

SCHEME = "file:"
STEP = 500
"""Values in one statement."""


def remove_conversations(connection: Connection, conversations: Sequence[str], rows: Counter[str]) -> None:
    """Deletes conversations that are locked already; `rows` counts what goes, by table."""
    remove_messages(connection, conversations, rows)
    for part in steps(conversations):
        remove(connection, Conversations, Conversations.id.in_(part), rows)


def remove_messages(
    connection: Connection, conversations: Sequence[str], rows: Counter[str], keeping: Collection[str] = ()
) -> None:
    """Deletes all messages of conversations but a few, with their deliveries, traces, facts and so on."""
    for part in steps(conversations):
        inside: ColumnElement[bool] = Messages.conversation_id.in_(part)
        if keeping:
            inside = inside & Messages.id.not_in(keeping)
        of_them = select(Messages.id).where(inside)
        remove(connection, Parts, Parts.conversation_id.in_(part), rows)
        remove(connection, Deliveries, Deliveries.message_id.in_(of_them), rows)
        for table in (Traces, Feedback, Facts):
            remove(connection, table, table.message_id.in_(of_them), rows)
        remove(connection, Withheld, Withheld.conversation_id.in_(part), rows)
        remove(connection, Summaries, Summaries.conversation_id.in_(part), rows)
        disown_pictures(connection, Pictures.message_id.in_(of_them), rows)
        remove(connection, Messages, inside, rows)


def disown_pictures(connection: Connection, condition: ColumnElement[bool], rows: Counter[str]) -> None:
    """That the bot has made a picture stays, by its digest; for whom, from what and as which file does not."""
    blank: dict[str, Any] = {"customer_id": None, "message_id": None, "tags": [], "sources": [], "url": ""}
    rows["pictures"] += connection.execute(update(Pictures).where(condition).values(blank)).rowcount


def urls_of(connection: Connection, conversations: Sequence[str], customer_id: str | None = None) -> set[str]:
    """Of the files in conversations, and of those that pictures of a customer are or were made from."""
    found: set[str] = set()
    for part in steps(conversations):
        with_files = Messages.conversation_id.in_(part) & (cast(Messages.attachments, Text) != "[]")
        for attachments in connection.scalars(select(Messages.attachments).where(with_files)):
            found.update(attachment["url"] for attachment in attachments)
    if customer_id is not None:
        pictures = select(Pictures.url, Pictures.sources).where(Pictures.customer_id == customer_id)
        for row in connection.execute(pictures):
            found.update((row.url, *row.sources))
    return {url for url in found if url.startswith(SCHEME)}


def remove_files(connection: Connection, urls: Iterable[str], rows: Counter[str]) -> tuple[str, ...]:
    """Deletes files; returns the digests of contents that no file has any more."""
    digests: set[str] = set()
    for part in steps(sorted(url.removeprefix(SCHEME) for url in urls)):
        digests.update(connection.scalars(select(Files.digest).where(Files.id.in_(part))))
        remove(connection, Files, Files.id.in_(part), rows)
    return tuple(sorted(unused(connection, digests)))


def unused(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Those that no file names."""
    wanted = set(digests)
    for part in steps(sorted(wanted)):
        wanted -= set(connection.scalars(select(Files.digest).where(Files.digest.in_(part))))
    return wanted


def remove(connection: Connection, table: type[Table], condition: ColumnElement[bool], rows: Counter[str]) -> None:
    """Deletes rows and counts them."""
    rows[table.__tablename__] += connection.execute(delete(table).where(condition)).rowcount


def steps(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """The values in parts that fit into a statement."""
    return (values[start : start + STEP] for start in range(0, len(values), STEP))
