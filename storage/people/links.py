"""Two accounts become one person, by a code that one account shows and the other enters; and come apart again.

Locks are taken in the order in which commits take them: conversations, then customers, each by their ids.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, delete, func, insert, select, update

from bot.errors import NotFound
from bot.messages import Conversation
from bot.protocols import SINGLE_VALUED, Linked
from storage.errors import Unavailable
from storage.ids import ALPHABET, new_id
from storage.people.facts import HOLDING, end, says_as_much
from storage.tables import Conversations, Customers, Facts, Identities, LinkCodes, Messages, Pictures, Table

CODE_CHARACTERS = 10
"""50 random bits: with all guesses that the limits allow in ten minutes a hit is less likely than 1 in 10^11."""
VALID = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""A used code is known for so long, so that a reply that is made again after a crash says the same."""


def new_code(connection: Connection, conversation: Conversation, now: datetime) -> str:
    """Replaces the customer's earlier code; only a digest is stored."""
    customer_id = _customer_of(connection, conversation)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS)).upper()
    connection.execute(
        delete(LinkCodes).where((LinkCodes.customer_id == customer_id) | (LinkCodes.expires_at < now - KEPT))
    )
    row = {"digest": _digest(code), "customer_id": customer_id, "expires_at": now + VALID}
    connection.execute(insert(LinkCodes), row)
    return f"{code[:5]}-{code[5:]}"


def burn(connection: Connection, code: str) -> None:
    """Removes a code."""
    connection.execute(delete(LinkCodes).where(LinkCodes.digest == _digest(code)))


def redeem(connection: Connection, conversation: Conversation, code: str, now: datetime) -> Linked:
    """Merges the customer with the one who was given the code, if it is open; a code works once."""
    customer_id = _customer_of(connection, conversation)
    found = select(LinkCodes).where(LinkCodes.digest == _digest(code)).with_for_update()
    row = connection.execute(found).first()
    if row is None:
        return "unknown"
    if row.customer_id == customer_id:
        if row.expires_at > now:
            return "same"
        return "already" if _accounts(connection, customer_id) > 1 else "unknown"
    if row.expires_at <= now:
        return "unknown"
    person = _merge(connection, row.customer_id, customer_id, now)
    used = {"customer_id": person, "expires_at": now}
    connection.execute(update(LinkCodes).where(LinkCodes.digest == row.digest).values(used))
    return "linked"


def split(connection: Connection, conversation: Conversation, now: datetime) -> bool:
    """Gives the account that wrote last in the conversation, and what came through it, a customer of its own."""
    identity = connection.scalar(
        select(Messages.identity_id)
        .where(Messages.conversation_id == conversation.id, Messages.identity_id.is_not(None))
        .order_by(Messages.number.desc())
        .limit(1)
    )
    customer_id = _customer_of(connection, conversation)
    _lock(connection, [customer_id])
    if identity is None or _accounts(connection, customer_id) < 2:
        return False
    person = new_id("u")
    connection.execute(insert(Customers), {"id": person, "created_at": now})
    through_it = select(Messages.conversation_id).where(Messages.identity_id == identity)
    said_there = select(Messages.id).where(Messages.conversation_id.in_(through_it))
    for table, belongs in (
        (Identities, Identities.id == identity),
        (Conversations, Conversations.id.in_(through_it)),
        (Facts, Facts.message_id.in_(said_there)),
        (Pictures, Pictures.message_id.in_(said_there)),
    ):
        connection.execute(update(table).where(belongs).values(customer_id=person))
    return True


def _customer_of(connection: Connection, conversation: Conversation) -> str:
    """As it is now: another link may have been made since the turn began. Raises NotFound."""
    customer = connection.scalar(select(Conversations.customer_id).where(Conversations.id == conversation.id))
    if customer is None:
        raise NotFound("There is no such conversation.")
    return customer


def _accounts(connection: Connection, customer_id: str) -> int:
    count = select(func.count()).select_from(Identities).where(Identities.customer_id == customer_id)
    return connection.execute(count).scalar_one()


def _merge(connection: Connection, one: str, other: str, now: datetime) -> str:
    """Whoever was here first takes over all that the other one has; returns their id."""
    _lock(connection, [one, other])
    people = select(Customers).where(Customers.id.in_([one, other])).order_by(Customers.created_at, Customers.id)
    first, *rest = connection.execute(people)
    if not rest:
        raise Unavailable("One of the two was linked with a third account a moment ago.")
    second = rest[0]
    connection.execute(delete(LinkCodes).where(LinkCodes.customer_id == second.id, LinkCodes.expires_at <= now))
    for column in _owning_columns():
        connection.execute(update(column.table).where(column == second.id).values({column.name: first.id}))
    wishes = {
        name: min(filter(None, (getattr(first, name), getattr(second, name))), default=None)
        for name in ("informed_at", "no_recommendations_at")
    }
    connection.execute(update(Customers).where(Customers.id == first.id).values(wishes))
    connection.execute(delete(Customers).where(Customers.id == second.id))
    _reconcile(connection, first.id, now)
    return str(first.id)


def _lock(connection: Connection, customers: Sequence[str]) -> None:
    places = select(Conversations.id).where(Conversations.customer_id.in_(customers)).order_by(Conversations.id)
    connection.execute(places.with_for_update()).all()
    people = select(Customers.id).where(Customers.id.in_(customers)).order_by(Customers.id)
    connection.execute(people.with_for_update()).all()


def _owning_columns() -> Iterator[Column[Any]]:
    """Every column of every table that says to which customer a row belongs."""
    for table in Table.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == Customers.__tablename__:
                yield key.parent


def _reconcile(connection: Connection, customer_id: str, now: datetime) -> None:
    """What both have told is kept once, and of what a person has one, the newest."""
    replaced: list[str] = []
    by_kind: dict[str, list[Any]] = {}
    for row in connection.execute(HOLDING, {"customers": [customer_id]}):
        by_kind.setdefault(row.kind, []).append(row)
    for kind, facts in by_kind.items():
        for place, fact in enumerate(facts):
            later = facts[place + 1 :]
            if (kind in SINGLE_VALUED and later) or any(says_as_much(each.value, fact.value) for each in later):
                replaced.append(fact.id)
    end(connection, replaced, now)


def _digest(code: str) -> str:
    """Of the characters that count; O, I and L are read as the digits that they look like."""
    plain = "".join(code.lower().split()).replace("-", "").translate(str.maketrans("oil", "011"))
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
