"""Fills a database with conversations of ten answered and delivered messages, in a few statements."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import CTE, JSON, Connection, Text, case, cast, insert, literal, null, select, text

from storage.database import Database
from storage.tables import Conversations, Customers, Deliveries, Identities, Messages, Traces

LENGTH = 10
"""Messages of a conversation, every second one a reply."""
STEP = 5000
"""Conversations in one statement."""
FIRST = 1_000_000_000
"""Numbers begin here, so that all ids have the same length."""
NOW = literal(datetime(2026, 1, 1, tzinfo=UTC), Messages.created_at.type)


async def seed(url: str, messages: int) -> None:
    """Stores about so many messages in conversations of the channel `api` named `c1000000000` and so on."""
    conversations = max(1, messages // LENGTH)
    database = await Database.open(url)
    for first in range(0, conversations, STEP):
        part = range(first, min(first + STEP, conversations))
        for fill in (_people, _messages, _replies):
            await database.write(partial(fill, part))
    await database.write(lambda connection: connection.execute(text("ANALYZE")))
    await database.close()


def _people(part: range, connection: Connection) -> None:
    numbers = _numbers(part)
    person = cast(numbers.c.i + FIRST, Text)
    origin = {"channel": literal("api"), "external_id": "c" + person, "created_at": NOW}
    _insert(connection, Customers, numbers, {"id": "u_" + person, "created_at": NOW})
    _insert(connection, Identities, numbers, {"id": "i_" + person, "customer_id": "u_" + person, **origin})
    conversation = {
        "id": "c_" + person,
        "customer_id": "u_" + person,
        "state": literal("bot"),
        "last_number": literal(LENGTH),
        "fence": literal(LENGTH // 2),
        "attempts": literal(0),
        "updated_at": NOW,
    }
    _insert(connection, Conversations, numbers, {**conversation, **origin})


def _messages(part: range, connection: Connection) -> None:
    numbers = _numbers(range(part.start * LENGTH, part.stop * LENGTH))
    place = cast(numbers.c.i // LENGTH + FIRST, Text)
    message = cast(numbers.c.i + FIRST, Text)
    number = numbers.c.i % LENGTH + 1
    is_reply = number % 2 == 0
    empty = literal([], JSON())
    values = {
        "id": "m_" + message,
        "conversation_id": "c_" + place,
        "number": number,
        "role": case((is_reply, "assistant"), else_="user"),
        "text": literal("A question or an answer of the usual length, which is about twenty words or so: ") + message,
        "created_at": NOW,
        "channel": case((is_reply, null()), else_="api"),
        "external_id": case((is_reply, null()), else_="x" + message),
        "identity_id": case((is_reply, null()), else_="i_" + place),
        "handled_at": NOW,
        "reply_id": case((is_reply, null()), else_="m_" + cast(numbers.c.i + FIRST + 1, Text)),
        "attachments": empty,
        "citations": empty,
        "quick_replies": empty,
        "route": case((is_reply, "chat"), else_=null()),
        "confidence": literal(0.9),
        "language": literal("en"),
    }
    _insert(connection, Messages, numbers, values)


def _replies(part: range, connection: Connection) -> None:
    ids = (f"c_{part.start + FIRST}", f"c_{part.stop - 1 + FIRST}")
    reply = (
        select(Messages.id, Messages.conversation_id, Messages.number)
        .where(Messages.conversation_id.between(*ids), Messages.role == "assistant")
        .cte()
    )
    key = {"message_id": reply.c.id, "created_at": NOW}
    _insert(connection, Traces, reply, {"id": "t_" + reply.c.id, "content": literal({"a": "b"}, JSON()), **key})
    delivery = {
        "id": "d_" + reply.c.id,
        "conversation_id": reply.c.conversation_id,
        "number": reply.c.number,
        "channel": literal("api"),
        "target": reply.c.conversation_id,
        "state": literal("sent"),
        "attempts": literal(0),
        "due_at": NOW,
        "idempotency_key": reply.c.id,
        "finished_at": NOW,
    }
    _insert(connection, Deliveries, reply, {**delivery, **key})


def _numbers(span: range) -> CTE:
    numbers = select(literal(span.start).label("i")).cte("numbers", recursive=True)
    return numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i + 1 < span.stop))


def _insert(connection: Connection, table: Any, source: CTE, values: dict[str, Any]) -> None:
    columns = [value.label(name) for name, value in values.items()]
    connection.execute(insert(table).from_select(list(values), select(*columns).select_from(source)))
