"""What operators read: lines of the inbox and messages of one conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from bot.messages import Message, Overview
from bot.protocols import InboxFilter
from storage import rows
from storage.tables import Conversations, Identities, Messages

AnyQuery: TypeAlias = Select[*tuple[Any, ...]]
Since = aliased(Messages)


def _is(state: str) -> ColumnElement[bool]:
    """Written out in the statement: a partial index cannot serve a parameter."""
    return Conversations.state == literal(state, literal_execute=True)


def _first(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """The number of the first message that no operator has dealt with and to which the conditions apply."""
    return (
        select(func.min(Messages.number))
        .where(
            Messages.conversation_id == Conversations.id, Messages.number > Conversations.attended_number, *conditions
        )
        .correlate(Conversations)
        .scalar_subquery()
    )


_handoff = _first(Messages.role == "assistant", Messages.route == "handoff")
_asked = _first(Messages.role == "user")
_owed_from = case(
    (or_(_is("waiting"), _is("human")), func.coalesce(_handoff, _asked)),
)
"""The message since which a person is wanted: the handoff, or in a person's conversation the next question."""

_unread = (
    select(func.count())
    .select_from(Messages)
    .where(Messages.conversation_id == Conversations.id, Messages.role == "user")
    # A handoff was asked for by the message before it.
    .where(Messages.number >= Since.number - case((Since.role == "assistant", 1), else_=0))
    .correlate(Conversations, Since)
    .scalar_subquery()
)
_customer = (
    select(Identities.name)
    .where(Identities.customer_id == Conversations.customer_id, Identities.channel == Conversations.channel)
    .limit(1)
    .correlate(Conversations)
    .scalar_subquery()
)
_LINE: AnyQuery = select(
    *rows.CONVERSATION_COLUMNS,
    Conversations.updated_at,
    Conversations.unreachable_since,
    _customer.label("customer"),
    Since.created_at.label("waiting_since"),
    _unread.label("unread"),
).outerjoin(Since, and_(Since.conversation_id == Conversations.id, Since.number == _owed_from))
OPEN: AnyQuery = (
    select(
        Conversations.state,
        func.count().label("conversations"),
        func.sum(Conversations.last_number).label("messages"),
        func.max(Conversations.updated_at).label("updated_at"),
    )
    .where(or_(_is("waiting"), _is("human")))
    .group_by(Conversations.state)
    .order_by(Conversations.state)
)
"""By state, how many conversations need a person, with marks that change whenever one of them does."""


def inbox(filter: InboxFilter, before: str | None, limit: int) -> AnyQuery:
    """The newest lines of a state, or of all, from behind the conversation `before`."""
    query = _LINE.order_by(Conversations.updated_at.desc(), Conversations.id.desc()).limit(limit)
    if filter != "all":
        query = query.where(_is(filter))
    if before is None:
        return query
    mark = aliased(Conversations)
    updated_at = select(mark.updated_at).where(mark.id == rows.storable(before)).scalar_subquery()
    here = tuple_(Conversations.updated_at, Conversations.id)
    return query.where(here < tuple_(updated_at, literal(rows.storable(before))))


def one(conversation_id: str) -> AnyQuery:
    """The line of one conversation."""
    return _LINE.where(Conversations.id == rows.storable(conversation_id))


def place(conversation_id: str) -> AnyQuery:
    """What changes whenever the conversation does."""
    columns = select(Conversations.state, Conversations.last_number)
    return columns.where(Conversations.id == rows.storable(conversation_id))


def messages(conversation_id: str, before: int | None, limit: int) -> AnyQuery:
    """The newest messages, newest first, below the number `before`."""
    query = select(*rows.MESSAGE_COLUMNS).where(Messages.conversation_id == conversation_id)
    if before is not None:
        query = query.where(Messages.number < before)
    return query.order_by(Messages.number.desc()).limit(limit)


def overviews(connection: Connection, query: AnyQuery) -> list[Overview]:
    """What `inbox` or `one` finds, each with the latest words of a person."""
    lines = connection.execute(query).all()
    last = _last_words(connection, [line.id for line in lines])
    return [
        Overview(
            conversation=rows.conversation(line),
            customer=line.customer,
            updated_at=line.updated_at,
            last=last.get(line.id),
            waiting_since=line.waiting_since,
            unread=line.unread,
            unreachable_since=line.unreachable_since,
        )
        for line in lines
    ]


def _last_words(connection: Connection, conversations: Sequence[str]) -> dict[str, Message]:
    said = aliased(Messages)
    number = (
        select(func.max(said.number))
        .where(said.conversation_id == Conversations.id, said.role != "assistant")
        .correlate(Conversations)
        .scalar_subquery()
    )
    query = (
        select(Messages.conversation_id, *rows.MESSAGE_COLUMNS)
        .join(Conversations, and_(Messages.conversation_id == Conversations.id, Messages.number == number))
        .where(Conversations.id.in_(conversations))
    )
    return {row.conversation_id: rows.message(row) for row in connection.execute(query)}
