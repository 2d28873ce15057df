"""The operators' side of the conversations: reading them, taking them over, answering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, func, insert, select, update

from bot.errors import Conflict, NotFound
from bot.messages import ConversationState, Finished, Overview, Reply, Thread
from bot.protocols import InboxFilter
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.reading import desk_queries as queries
from storage.tables import Conversations, Deliveries, Messages
from storage.waking.signals import Notice, Signals, Subscribed

Result = TypeVar("Result")
Locked = rows.AnyRow
"""A conversation's row that nobody else can change before this transaction ends."""

CHANNEL = "console"
"""Under this channel and the console's own key an operator's message is stored once."""
NO_TURN = {"lease_owner": None, "due_at": None, "waiting_since": None, "attempts": 0, "opened": None}
"""What a conversation is without unhandled messages: nothing that was begun for them goes on."""


@dataclass(frozen=True, slots=True)
class Said:
    """An operator's message as stored, and the customer's messages to which it is the first reply."""

    reply: Reply
    channel: str
    answered: tuple[str, ...]


class SqlDesk:
    """bot.protocols.Desk. An operator's messages are published as Finished, like the bot's."""

    def __init__(self, database: Database, signals: Signals, streams: Subscribed, clock: Clock) -> None:
        self._database = database
        self._signals = signals
        self._streams = streams
        self._clock = clock

    async def inbox(self, filter: InboxFilter, *, before: str | None = None, limit: int = 50) -> Sequence[Overview]:
        """Those of a state, or all; the newest first, from behind the conversation id `before`."""
        query = queries.inbox(filter, before, limit)
        return await self._database.read(lambda connection: queries.overviews(connection, query))

    async def counts(self) -> dict[InboxFilter, int]:
        """How many are `waiting` and `human`."""
        found = await self._database.read(lambda connection: connection.execute(queries.OPEN).all())
        return {"waiting": 0, "human": 0, **{row.state: row.conversations for row in found}}

    async def thread(self, conversation_id: str, *, before: int | None = None, limit: int = 100) -> Thread:
        """The newest messages, or those numbered below `before`; raises NotFound."""

        def read(connection: Connection) -> Thread:
            found = queries.overviews(connection, queries.one(conversation_id))
            if not found:
                raise _not_found()
            newest = connection.execute(queries.messages(conversation_id, before, limit + 1)).all()
            shown = tuple(rows.message(message) for message in reversed(newest[:limit]))
            return Thread(found[0], shown, has_earlier=len(newest) > limit)

        return await self._database.read(read)

    async def version(self, conversation_id: str | None = None) -> str:
        """Another text as soon as the conversation, or one that needs a person, has changed."""

        def read(connection: Connection) -> list[rows.AnyRow]:
            parts = [queries.OPEN] if conversation_id is None else [queries.OPEN, queries.place(conversation_id)]
            return [row for query in parts for row in connection.execute(query)]

        return "/".join(str(part) for row in await self._database.read(read) for part in row)

    async def take(self, conversation_id: str) -> None:
        """A person has it from now on; the raised fence refuses the reply that a worker may be making."""
        await self._change(conversation_id, _take)

    async def say(self, conversation_id: str, text: str, key: str) -> Reply:
        """Stores an operator's message and its delivery; the same `key` again returns the first reply."""

        def change(connection: Connection, row: Locked, now: datetime) -> Said:
            said = _say(connection, row, now, rows.storable(text), rows.storable(f"{row.id}:{key}"))
            notice = Notice(channels=(said.channel,), replies=((row.id, said.reply.message_id),))
            self._signals.announce(connection, notice)
            return said

        said = await self._change(conversation_id, change)
        self._signals.ring(Notice(channels=(said.channel,)))
        self._streams.publish(Finished(conversation_id, said.reply, said.answered))
        return said.reply

    async def hand_back(self, conversation_id: str) -> None:
        """The bot answers again, from the customer's next message on."""
        await self._change(conversation_id, lambda connection, row, now: _leave(connection, row, now, "bot"))

    async def resolve(self, conversation_id: str) -> None:
        """Closes the conversation; the customer's next message opens it for the bot."""
        await self._change(conversation_id, lambda connection, row, now: _leave(connection, row, now, "closed"))

    async def _change(self, conversation_id: str, work: Callable[[Connection, Locked, datetime], Result]) -> Result:
        def change(connection: Connection) -> Result:
            query = select(Conversations).where(Conversations.id == rows.storable(conversation_id)).with_for_update()
            row = connection.execute(query).first()
            if row is None:
                raise _not_found()
            return work(connection, row, self._clock())

        return await self._database.write(change)


def _take(connection: Connection, row: Locked, now: datetime) -> None:
    _require(row, "bot", "waiting", "closed")
    unhandled = (Messages.conversation_id == row.id, Messages.handled_at.is_(None))
    first = connection.scalar(select(func.min(Messages.number)).where(*unhandled))
    connection.execute(update(Messages).where(*unhandled).values(handled_at=now))
    owed_from = first or row.last_number + 1
    attended = row.attended_number if row.state == "waiting" else owed_from - 1
    _set(connection, row, now, state="human", fence=row.fence + 1, attended_number=attended, **NO_TURN)


def _leave(connection: Connection, row: Locked, now: datetime, state: ConversationState) -> None:
    _require(row, "waiting", "human")
    _set(connection, row, now, state=state, attended_number=row.last_number)


def _say(connection: Connection, row: Locked, now: datetime, text: str, key: str) -> Said:
    if stored := connection.scalar(select(Messages.id).where(Messages.channel == CHANNEL, Messages.external_id == key)):
        return Said(rows.replies(connection, [stored])[stored], row.channel, ())
    _require(row, "human")
    number = row.last_number + 1
    message = rows.new_message(
        row.id,
        number,
        "operator",
        text,
        now,
        channel=CHANNEL,
        external_id=key,
        handled_at=now,
        route="handoff",
        confidence=1.0,
        language=row.language or "en",
    )
    connection.execute(insert(Messages), message)
    connection.execute(insert(Deliveries), rows.new_delivery(row, message, now))
    answered = _answer(connection, row, message["id"])
    _set(connection, row, now, last_number=number, attended_number=number)
    return Said(rows.replies(connection, [message["id"]])[message["id"]], row.channel, answered)


def _answer(connection: Connection, row: Locked, reply_id: str) -> tuple[str, ...]:
    """Points the customer's messages that got no reply from the bot to the operator's."""
    owed = select(Messages.id).where(
        Messages.conversation_id == row.id,
        Messages.number > row.attended_number,
        Messages.role == "user",
        Messages.reply_id.is_(None),
    )
    answered = tuple(connection.scalars(owed))
    connection.execute(update(Messages).where(Messages.id.in_(answered)).values(reply_id=reply_id))
    return answered


def _set(connection: Connection, row: Locked, now: datetime, **values: Any) -> None:
    connection.execute(update(Conversations).where(Conversations.id == row.id).values(updated_at=now, **values))


def _require(row: Locked, *states: ConversationState) -> None:
    if row.state not in states:
        raise Conflict("Somebody else has changed this conversation in the meantime. Please look at it again.")


def _not_found() -> NotFound:
    return NotFound("There is no such conversation.")
