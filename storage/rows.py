"""Between rows and the core's types."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from numbers import Real
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, bindparam, select

from bot.messages import Attachment, Citation, Conversation, Message, Reply
from storage.ids import new_id, trace_id
from storage.statements import among
from storage.tables import KEY_CHARACTERS, Conversations, Messages

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of any columns."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

MESSAGE_COLUMNS = (
    Messages.id,
    Messages.number,
    Messages.role,
    Messages.text,
    Messages.created_at,
    Messages.citations,
    Messages.attachments,
    Messages.route,
    Messages.origin,
)
CONVERSATION_COLUMNS = (
    Conversations.id,
    Conversations.channel,
    Conversations.external_id,
    Conversations.customer_id,
    Conversations.state,
    Conversations.language,
    Conversations.chosen_language,
    Conversations.shared,
)


def storable(value: Any) -> Any:
    """The same JSON value as every database takes it: NUL and lone surrogates become U+FFFD, infinite and
    undefined numbers null, and what is not JSON its text."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    return storable(str(value))


def new_delivery(conversation: AnyRow, message: Mapping[str, Any], now: datetime, **more: Any) -> dict[str, Any]:
    """Values of a delivery to insert: the message, on its way to where the conversation is."""
    return {
        "id": new_id("d"),
        "conversation_id": conversation.id,
        "message_id": message["id"],
        "number": message["number"],
        "channel": conversation.channel,
        "target": conversation.external_id,
        "state": "due",
        "attempts": 0,
        "due_at": now,
        "idempotency_key": message["id"],
        "created_at": now,
        **more,
    }


def platform_key(text: str) -> str:
    """A platform's id of a message as it can be indexed; real ones are a few dozen characters."""
    return str(storable(text))[:KEY_CHARACTERS]


def plain(items: Sequence[Attachment] | Sequence[Citation]) -> list[dict[str, Any]]:
    """Dataclasses as storable JSON values."""
    return [storable(asdict(item)) for item in items]


def new_message(conversation_id: str, number: int, role: str, text: str, now: datetime, **more: Any) -> dict[str, Any]:
    """Values of a message to insert; texts in it are storable already."""
    return {
        "id": new_id("m"),
        "conversation_id": conversation_id,
        "number": number,
        "role": role,
        "text": text,
        "created_at": now,
        "identity_id": None,
        "channel": None,
        "external_id": None,
        "origin": None,
        "superseded_by": None,
        "handled_at": None,
        "reply_id": None,
        "attachments": [],
        "citations": [],
        "quick_replies": [],
        "route": None,
        "confidence": None,
        "language": None,
        **more,
    }


def message(row: AnyRow) -> Message:
    """From a row that has MESSAGE_COLUMNS."""
    return Message(
        id=row.id,
        number=row.number,
        role=row.role,
        text=row.text,
        created_at=row.created_at,
        citations=_citations(row),
        attachments=_attachments(row),
        route=row.route,
        origin=row.origin or "",
    )


def conversation(row: AnyRow) -> Conversation:
    """From a row that has CONVERSATION_COLUMNS."""
    return Conversation(
        id=row.id,
        channel=row.channel,
        external_id=row.external_id,
        customer_id=row.customer_id,
        state=row.state,
        language=row.language,
        chosen_language=row.chosen_language,
        shared=row.shared,
    )


REPLIES = select(
    Messages.id.label("message_id"),
    Conversations.external_id.label("target"),
    Messages.text,
    Messages.route,
    Messages.confidence,
    Messages.language,
    Messages.citations,
    Messages.attachments,
    Messages.quick_replies,
).join(Conversations, Conversations.id == Messages.conversation_id)
REPLIES_BY_ID = REPLIES.where(among(Messages.id, "ids"))
REPLY_TO = REPLIES.where(
    Messages.id == select(Messages.reply_id).where(Messages.id == bindparam("asked")).scalar_subquery()
)


def replies(connection: Connection, ids: Sequence[str]) -> dict[str, Reply]:
    """Stored replies by their message id."""
    found = connection.execute(REPLIES_BY_ID, {"ids": ids}) if ids else ()
    return {row.message_id: reply(row) for row in found}


def reply_to(connection: Connection, message_id: str) -> Reply | None:
    """The stored reply that answers a message."""
    found = connection.execute(REPLY_TO, {"asked": message_id}).first()
    return reply(found) if found else None


def reply(row: AnyRow) -> Reply:
    """From a row of REPLIES."""
    return Reply(
        conversation_id=row.target,
        message_id=row.message_id,
        text=row.text,
        route=row.route,
        confidence=row.confidence,
        language=row.language,
        citations=_citations(row),
        attachments=_attachments(row),
        quick_replies=tuple(row.quick_replies),
        trace_id=trace_id(row.message_id),
    )


def _citations(row: AnyRow) -> tuple[Citation, ...]:
    return tuple(Citation(**item) for item in row.citations)


def _attachments(row: AnyRow) -> tuple[Attachment, ...]:
    return tuple(Attachment(**item) for item in row.attachments)
