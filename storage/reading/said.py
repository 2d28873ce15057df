"""What was said before, for a bot that remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true

from bot.messages import Said, Summary
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.rows import AnyRow
from storage.statements import upsert
from storage.tables import Conversations, Identities, Messages, Summaries
from storage.working.claiming import lock

SAID = (
    Messages.id,
    Messages.conversation_id,
    Messages.number,
    Messages.role,
    Messages.text,
    Messages.created_at,
    Messages.route,
)
ASKING = (
    select(
        Messages.conversation_id,
        Conversations.shared,
        Conversations.customer_id.label("owner"),
        func.coalesce(Identities.customer_id, Conversations.customer_id).label("writer"),
    )
    .join(Conversations, Conversations.id == Messages.conversation_id)
    .outerjoin(Identities, Identities.id == Messages.identity_id)
)


class SqlMemories:
    """bot.protocols.Memories."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def said(self, message_id: str, *, limit: int) -> Sequence[Said]:
        """The latest messages, oldest first, of which the message's writer may be reminded in answer to it."""

        def read(connection: Connection) -> list[Said]:
            asking = connection.execute(ASKING.where(Messages.id == rows.storable(message_id))).first()
            found = connection.execute(_said_to(asking).limit(limit)).all() if asking else ()
            return [_said(row) for row in reversed(found)]

        return await self._database.read(read)

    async def summaries(self, message_id: str, *, limit: int) -> Sequence[Summary]:
        """The latest summaries, oldest first, of which the message's writer may be reminded."""

        def read(connection: Connection) -> list[Summary]:
            asking = connection.execute(ASKING.where(Messages.id == rows.storable(message_id))).first()
            if asking is None:
                return []
            query = select(*Summaries.__table__.columns).join(
                Conversations, Conversations.id == Summaries.conversation_id
            )
            query = query.where(_told_to(asking), Summaries.text != "")
            found = connection.execute(
                query.order_by(Summaries.created_at.desc(), Summaries.number.desc()).limit(limit)
            )
            return [Summary(row.conversation_id, row.number, row.text, row.created_at) for row in reversed(found.all())]

        return await self._database.read(read)

    async def unsummarised(
        self, *, size: int, window: int, since: datetime | None = None, limit: int = 20
    ) -> Sequence[Sequence[Said]]:
        """The next `size` messages before the last `window` of conversations where no summary has them yet."""

        def read(connection: Connection) -> list[list[Said]]:
            places = connection.execute(_grown(size, window, since).limit(limit)).all()
            return [stretch for place in places if (stretch := _stretch(connection, place, size, window))]

        return await self._database.read(read)

    async def add_summary(self, stretch: Sequence[Said], text: str) -> bool:
        """Stores the summary of a stretch, unless one of its messages is gone; whether it did."""
        last = stretch[-1]
        values = {"conversation_id": last.conversation_id, "number": last.number, "text": rows.storable(text)}

        def write(connection: Connection) -> bool:
            lock(connection, [last.conversation_id])
            there = select(func.count()).where(Messages.id.in_([said.message_id for said in stretch]))
            if connection.scalar(there) != len(stretch):
                return False
            insert = upsert(connection, Summaries).values(**values, created_at=self._clock())
            return bool(connection.execute(insert.on_conflict_do_nothing()).rowcount)

        return await self._database.write(write)


def _said_to(asking: AnyRow) -> Select[*tuple[Any, ...]]:
    own = and_(Messages.role == "user", Identities.customer_id == asking.writer)
    without_writer = and_(Messages.identity_id.is_(None), _told_to(asking))
    return (
        select(*SAID)
        .join(Conversations, Conversations.id == Messages.conversation_id)
        .outerjoin(Identities, Identities.id == Messages.identity_id)
        .where(
            or_(Conversations.customer_id == asking.writer, Conversations.id == asking.conversation_id),
            _where_nobody_else_reads(asking),
            or_(own, without_writer),
            Messages.handled_at.is_not(None),
            Messages.superseded_by.is_(None),
            or_(Messages.route.is_(None), Messages.route != "command"),
            Messages.text.not_like("/%"),
            Messages.text != "",
        )
        .order_by(Messages.created_at.desc(), Messages.number.desc())
    )


def _told_to(asking: AnyRow) -> ColumnElement[bool]:
    """Replies, and what stands without a writer: in the writer's own conversations, those with readers only there."""
    here = Conversations.id == asking.conversation_id
    return and_(
        Conversations.customer_id == asking.writer,
        or_(here, Conversations.shared.is_(False)),
        _where_nobody_else_reads(asking),
    )


def _where_nobody_else_reads(asking: AnyRow) -> ColumnElement[bool]:
    """Where others read the reply, that conversation alone; so too in a conversation that is somebody else's."""
    read_by_others = asking.shared or asking.owner != asking.writer
    return Conversations.id == asking.conversation_id if read_by_others else true()


def _grown(size: int, window: int, since: datetime | None) -> Select[*tuple[Any, ...]]:
    done = (
        select(func.coalesce(func.max(Summaries.number), 0))
        .where(Summaries.conversation_id == Conversations.id)
        .scalar_subquery()
    )
    query = select(Conversations.id, Conversations.last_number, done.label("done")).where(
        Conversations.last_number >= size + window, Conversations.last_number - window - done >= size
    )
    return (query.where(Conversations.updated_at > since) if since else query).order_by(Conversations.updated_at)


def _stretch(connection: Connection, place: AnyRow, size: int, window: int) -> list[Said]:
    query = select(*SAID).where(
        Messages.conversation_id == place.id,
        Messages.number > place.done,
        Messages.number <= place.last_number - window,
    )
    found = connection.execute(query.order_by(Messages.number).limit(size)).all()
    return [_said(row) for row in found] if len(found) == size else []


def _said(row: AnyRow) -> Said:
    return Said(row.id, row.conversation_id, row.number, row.role, row.text, row.created_at, row.route)
