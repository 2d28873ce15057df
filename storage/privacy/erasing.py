"""The end of a person in the database, in one transaction.

A turn of theirs that is under way finds its conversation gone or its fence raised, and writes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, delete, select, update

from bot.errors import NotFound
from bot.protocols.privacy import Removal
from storage.privacy import removing
from storage.tables import (
    Conversations,
    Customers,
    Deliveries,
    Facts,
    Feedback,
    Identities,
    LinkCodes,
    Messages,
    Pictures,
    Summaries,
    Traces,
    Withheld,
)

ERASED = "[erased]"
"""What stands in another person's conversation where an erased one had written."""


def erase(connection: Connection, customer_id: str, sparing: str | None) -> Removal:
    """Removes the person; of the conversation `sparing` only what is still to be answered stays."""
    conversations = _lock(connection, customer_id)
    identities = list(connection.scalars(select(Identities.id).where(Identities.customer_id == customer_id)))
    rows = Counter[str]()
    urls = removing.urls_of(connection, conversations, customer_id) | _blank_elsewhere(
        connection, identities, conversations, rows
    )
    kept = _kept(connection, sparing) if sparing in conversations else {}
    messages = _message_ids(connection, conversations)
    removing.disown_pictures(connection, Pictures.customer_id == customer_id, rows)
    removing.remove(connection, Facts, Facts.customer_id == customer_id, rows)
    removing.remove(connection, LinkCodes, LinkCodes.customer_id == customer_id, rows)
    if kept and sparing:
        removing.remove_messages(connection, [sparing], rows, keeping=list(kept))
        connection.execute(
            update(Conversations).where(Conversations.id == sparing).values(opened=None, attended_number=0)
        )
    gone = [each for each in conversations if each != sparing or not kept]
    removing.remove_conversations(connection, gone, rows)
    _remove_accounts(connection, customer_id, identities, set(kept.values()), rows)
    contents = removing.remove_files(connection, urls, rows)
    counts = {name: count for name, count in sorted(rows.items()) if count}
    return Removal(counts, tuple(conversations), messages, contents)


def places(connection: Connection, customer_id: str) -> Removal:
    """What an erasure would remove, by its ids. Raises NotFound."""
    if connection.scalar(select(Customers.id).where(Customers.id == customer_id)) is None:
        raise NotFound("There is no such person.")
    own = list(connection.scalars(select(Conversations.id).where(Conversations.customer_id == customer_id)))
    return Removal({}, tuple(own), _message_ids(connection, own))


def _lock(connection: Connection, customer_id: str) -> list[str]:
    """Conversations, then the customer, as commits lock them. Raises NotFound."""
    own = select(Conversations.id).where(Conversations.customer_id == customer_id).order_by(Conversations.id)
    connection.execute(own.with_for_update()).all()
    locked = connection.scalar(select(Customers.id).where(Customers.id == customer_id).with_for_update())
    if locked is None:
        raise NotFound("There is no such person.")
    return list(connection.scalars(own.with_for_update()))


def _message_ids(connection: Connection, conversations: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for part in removing.steps(conversations):
        found += connection.scalars(select(Messages.id).where(Messages.conversation_id.in_(part)))
    return tuple(found)


def _kept(connection: Connection, conversation_id: str | None) -> dict[str, str | None]:
    """The unanswered messages of a conversation, with the accounts that wrote them."""
    unhandled = select(Messages.id, Messages.identity_id).where(
        Messages.conversation_id == conversation_id, Messages.handled_at.is_(None)
    )
    return {row.id: row.identity_id for row in connection.execute(unhandled)}


def _blank_elsewhere(connection: Connection, identities: list[str], own: list[str], rows: Counter[str]) -> set[str]:
    """Where the person wrote in conversations of others, the words go with their replies, traces and summaries; the
    places stay, because the numbers of a conversation have no gaps. Returns the urls of files there."""
    written = select(Messages.id, Messages.conversation_id, Messages.reply_id, Messages.attachments).where(
        Messages.identity_id.in_(identities), Messages.conversation_id.not_in(own)
    )
    found = connection.execute(written).all()
    if not found:
        return set()
    ids = [row.id for row in found] + [row.reply_id for row in found if row.reply_id]
    for part in removing.steps(ids):
        for table in (Traces, Facts, Withheld, Feedback):
            removing.remove(connection, table, table.message_id.in_(part), rows)
        blank: dict[str, Any] = {
            "text": ERASED,
            "attachments": [],
            "citations": [],
            "quick_replies": [],
            "origin": None,
        }
        rows["messages"] += connection.execute(update(Messages).where(Messages.id.in_(part)).values(blank)).rowcount
        of_them = (Deliveries.message_id.in_(part), Deliveries.state != "sent")
        rows["deliveries"] += connection.execute(delete(Deliveries).where(*of_them)).rowcount
    places = sorted({row.conversation_id for row in found})
    removing.remove(connection, Summaries, Summaries.conversation_id.in_(places), rows)
    connection.execute(
        update(Messages)
        .where(Messages.id.in_([row.id for row in found]))
        .values(external_id=None, channel=None, identity_id=None)
    )
    urls = {attachment["url"] for row in found for attachment in row.attachments}
    return {url for url in urls if url.startswith(removing.SCHEME)}


def _remove_accounts(
    connection: Connection, customer_id: str, identities: list[str], kept: set[str | None], rows: Counter[str]
) -> None:
    removing.remove(connection, Feedback, Feedback.identity_id.in_(identities), rows)
    gone = [each for each in identities if each not in kept]
    removing.remove(connection, Identities, Identities.id.in_(gone), rows)
    if len(gone) < len(identities):
        connection.execute(update(Identities).where(Identities.customer_id == customer_id).values(name=None))
        blank = {"informed_at": None, "no_recommendations_at": None}
        connection.execute(update(Customers).where(Customers.id == customer_id).values(blank))
    else:
        removing.remove(connection, Customers, Customers.id == customer_id, rows)
