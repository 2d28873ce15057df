"""What has grown old: conversations, people without any, files that nothing names."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, Text, cast, exists, select

from bot.protocols.privacy import Removal
from storage.privacy import removing
from storage.tables import Conversations, Customers, Files, Identities, Messages, Pictures

AT_ONCE = 100
"""Conversations of one transaction, so that nobody waits long for it."""


def expire(connection: Connection, before: datetime) -> Removal:
    """Removes the oldest conversations in which nothing has happened since, and then people without conversations.

    What is still to be answered is not old. An empty removal means that nothing is left to remove.
    """
    old = (
        select(Conversations.id)
        .where(Conversations.updated_at < before, Conversations.due_at.is_(None))
        .order_by(Conversations.updated_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    conversations = sorted(connection.scalars(old))
    rows = Counter[str]()
    urls = removing.urls_of(connection, conversations) if conversations else set()
    removing.remove_conversations(connection, conversations, rows)
    _expire_people(connection, before, rows)
    contents = removing.remove_files(connection, urls, rows)
    return Removal({name: count for name, count in rows.items() if count}, tuple(conversations), (), contents)


def _expire_people(connection: Connection, before: datetime, rows: Counter[str]) -> None:
    alone = (
        select(Customers.id)
        .where(Customers.created_at < before, ~exists().where(Conversations.customer_id == Customers.id))
        .limit(AT_ONCE)
    )
    people = list(connection.scalars(alone))
    if people:
        removing.disown_pictures(connection, Pictures.customer_id.in_(people), rows)
        removing.remove(connection, Identities, Identities.customer_id.in_(people), rows)
        removing.remove(connection, Customers, Customers.id.in_(people), rows)


def unreferenced(connection: Connection, before: datetime) -> list[str]:
    """Urls of files older than this that no message and no picture names."""
    named: set[str] = set()
    for attachments in connection.scalars(select(Messages.attachments).where(cast(Messages.attachments, Text) != "[]")):
        named.update(attachment["url"] for attachment in attachments)
    for row in connection.execute(select(Pictures.url, Pictures.sources)):
        named.update((row.url, *row.sources))
    old = connection.scalars(select(Files.id).where(Files.created_at < before))
    return [url for url in (f"{removing.SCHEME}{each}" for each in old) if url not in named]
