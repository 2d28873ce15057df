"""What was said, for those who may read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, union_all

from bot.errors import NotFound
from bot.messages import Conversation, Message, Reply
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.statements import upsert
from storage.tables import Conversations, Deliveries, Feedback, Identities, Messages, Parts, Summaries, Traces, Withheld

LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list."""

    conversation: Conversation
    messages: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """A delivery that was given up, and why."""

    id: str
    channel: str
    target: str
    message_id: str
    reason: str
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is stored, and how much of it is still to be done."""

    conversations: int
    messages: int
    unhandled: int
    due_deliveries: int
    parked_deliveries: int


class SqlHistory:
    """bot.protocols.History, and what the command line shows of the store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def messages(
        self, channel: str, conversation: str, *, user: str | None = None, after: int = 0, limit: int = 100
    ) -> Sequence[Message]:
        """Messages numbered above `after`, oldest first, at most 500; see bot.protocols.History."""

        def read(connection: Connection) -> list[Message]:
            place = _find(connection, channel, conversation, user)
            return _messages(connection, place, after, min(limit, LARGEST_PAGE)) if place else []

        return await self._database.read(read)

    async def reply(self, channel: str, conversation: str, message_id: str) -> Reply:
        """A reply of the channel's conversation by our id; raises NotFound."""
        return await self._database.read(
            lambda connection: _reply(connection, channel, conversation, rows.storable(message_id))
        )

    async def reply_sent_as(self, channel: str, conversation: str, platform_id: str) -> Reply:
        """The newest reply of the channel's conversation of which the platform's message is a part; NotFound."""

        def read(connection: Connection) -> Reply:
            place = _find(connection, channel, conversation, None)
            sent = place and _sent_as(connection, place, rows.platform_key(platform_id))
            return _reply(connection, channel, conversation, sent or "")

        return await self._database.read(read)

    async def last_received(self, channel: str, limit: int = 500) -> Mapping[str, str]:
        """The newest external id of each conversation, by the channel's id of it; see bot.protocols.History."""
        newest = (
            select(Messages.external_id)
            .where(Messages.conversation_id == Conversations.id, Messages.channel == channel)
            .order_by(Messages.number.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(Conversations.external_id, newest)
            .where(Conversations.channel == channel)
            .order_by(Conversations.updated_at.desc())
            .limit(min(limit, LARGEST_PAGE))
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return {conversation: received for conversation, received in found if received}

    async def rate(self, message_id: str, user: str, channel: str, score: int, comment: str = "") -> None:
        """Stores the thumbs of one person under one reply; the last one counts. Raises NotFound."""

        def write(connection: Connection) -> None:
            rating = {"score": score, "comment": rows.storable(comment), "rated_at": self._clock()}
            key = {"message_id": message_id, "identity_id": _reader(connection, message_id, user, channel)}
            insert = upsert(connection, Feedback).values(**key, **rating)
            connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=rating))

        await self._database.write(write)

    async def conversations(self, *, before: datetime | None = None, limit: int = 50) -> Sequence[Summary]:
        """The latest conversations first, from behind the time `before`."""
        query = select(*rows.CONVERSATION_COLUMNS, Conversations.last_number, Conversations.updated_at)
        if before:
            query = query.where(Conversations.updated_at < before)
        query = query.order_by(Conversations.updated_at.desc()).limit(limit)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [Summary(rows.conversation(row), row.last_number, row.updated_at) for row in found]

    async def export(self, conversation_id: str) -> dict[str, Any]:
        """Everything stored about a conversation, as JSON values; raises NotFound. Takes our id."""
        return await self._database.read(lambda connection: export_conversation(connection, conversation_id))

    async def parked(self, *, limit: int = 50) -> Sequence[Parked]:
        """Deliveries that were given up, the latest first."""
        query = select(Deliveries).where(Deliveries.state == "parked").order_by(Deliveries.created_at.desc())
        found = await self._database.read(lambda connection: connection.execute(query.limit(limit)).all())
        return [
            Parked(row.id, row.channel, row.target, row.message_id, row.last_error or "", row.attempts, row.created_at)
            for row in found
        ]

    async def counts(self) -> Counts:
        """Counted anew at each call."""

        def count(connection: Connection) -> Counts:
            return Counts(
                conversations=_count(connection, Conversations.id),
                messages=_count(connection, Messages.id),
                unhandled=_count(connection, Messages.id, Messages.handled_at.is_(None)),
                due_deliveries=_count(connection, Deliveries.id, Deliveries.state == "due"),
                parked_deliveries=_count(connection, Deliveries.id, Deliveries.state == "parked"),
            )

        return await self._database.read(count)


def _find(connection: Connection, channel: str, conversation: str, user: str | None) -> str | None:
    """Our id of the channel's conversation, None if there is none; raises NotFound when it is another's."""
    query = select(Conversations.id, Conversations.customer_id).where(
        Conversations.channel == channel, Conversations.external_id == conversation
    )
    found = connection.execute(query).first()
    if found is None:
        return None
    if user is not None and _identity(connection, channel, user, found.customer_id) is None:
        raise NotFound("There is no such conversation.")
    return str(found.id)


def _identity(connection: Connection, channel: str, user: str, customer_id: str) -> str | None:
    query = select(Identities.id).where(
        Identities.channel == channel, Identities.external_id == user, Identities.customer_id == customer_id
    )
    return connection.execute(query).scalar_one_or_none()


def _messages(connection: Connection, conversation_id: str, after: int, limit: int) -> list[Message]:
    query = (
        select(*rows.MESSAGE_COLUMNS)
        .where(Messages.conversation_id == conversation_id, Messages.number > after)
        .order_by(Messages.number)
        .limit(limit)
    )
    return [rows.message(row) for row in connection.execute(query)]


def _reply(connection: Connection, channel: str, conversation: str, message_id: str) -> Reply:
    query = rows.REPLIES.where(
        Messages.id == message_id,
        Messages.role != "user",
        Conversations.channel == channel,
        Conversations.external_id == conversation,
    )
    if row := connection.execute(query).first():
        return rows.reply(row)
    raise NotFound("There is no such reply.")


def _sent_as(connection: Connection, conversation_id: str, platform_id: str) -> str | None:
    """The newest one, because a conversation that has moved may see the old place's ids again."""
    earlier_part = select(Parts.delivery_id).where(
        Parts.conversation_id == conversation_id, Parts.platform_id == platform_id
    )
    here = Deliveries.conversation_id == conversation_id
    deliveries = union_all(
        select(Deliveries.message_id, Deliveries.number).where(here, Deliveries.platform_id == platform_id),
        select(Deliveries.message_id, Deliveries.number).where(Deliveries.id.in_(earlier_part)),
    ).subquery()
    newest = select(deliveries.c.message_id).order_by(deliveries.c.number.desc()).limit(1)
    return connection.scalar(newest)


def _reader(connection: Connection, message_id: str, user: str, channel: str) -> str:
    """The identity that the reply was written to; raises NotFound when it is not this user's."""
    query = (
        select(Conversations.customer_id)
        .join(Messages, Messages.conversation_id == Conversations.id)
        .where(Messages.id == message_id, Messages.role != "user", Conversations.channel == channel)
    )
    customer_id = connection.execute(query).scalar_one_or_none()
    identity = customer_id and _identity(connection, channel, user, customer_id)
    if not identity:
        raise NotFound("There is no such reply.")
    return identity


def export_conversation(connection: Connection, conversation_id: str) -> dict[str, Any]:
    """Everything stored about a conversation, as JSON values; raises NotFound."""
    found = connection.execute(select(Conversations).where(Conversations.id == conversation_id)).first()
    if found is None:
        raise NotFound(f"There is no conversation {conversation_id}.")
    messages = select(Messages).where(Messages.conversation_id == conversation_id).order_by(Messages.number)
    of_conversation = select(Messages.id).where(Messages.conversation_id == conversation_id)
    return {
        "conversation": plain(found),
        "messages": [plain(row) for row in connection.execute(messages)],
        "traces": _all(connection, select(Traces).where(Traces.message_id.in_(of_conversation))),
        "feedback": _all(connection, select(Feedback).where(Feedback.message_id.in_(of_conversation))),
        "deliveries": _all(connection, select(Deliveries).where(Deliveries.conversation_id == conversation_id)),
        "parts": _all(connection, select(Parts).where(Parts.conversation_id == conversation_id)),
        "summaries": _all(connection, select(Summaries).where(Summaries.conversation_id == conversation_id)),
        "withheld": _all(connection, select(Withheld).where(Withheld.conversation_id == conversation_id)),
    }


def _all(connection: Connection, query: Any) -> list[dict[str, Any]]:
    return [plain(row) for row in connection.execute(query)]


def plain(row: rows.AnyRow) -> dict[str, Any]:
    """A row as JSON values."""
    values = row._mapping.items()
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values}


def _count(connection: Connection, column: Any, *conditions: Any) -> int:
    return connection.execute(select(func.count(column)).where(*conditions)).scalar_one()
