"""Facts of customers: stored with the reply to the message that told them, read for what may be used where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from bot.messages import Conversation, Fact, NewFact
from storage import rows
from storage.database import Database
from storage.ids import new_id
from storage.rows import AnyRow
from storage.statements import among, change
from storage.tables import Customers, Facts, Messages

COLUMNS = (
    Facts.id,
    Facts.customer_id,
    Facts.kind,
    Facts.value,
    Facts.quote,
    Facts.created_at,
    Facts.message_id,
    Facts.shared,
    Facts.ended_at,
)
ORDER = (Facts.created_at, Facts.id)
HOLDING = select(*COLUMNS).where(among(Facts.customer_id, "customers"), Facts.ended_at.is_(None)).order_by(*ORDER)
LOCK = (
    select(Customers.id)
    .where(among(Customers.id, "customers"))
    .order_by(Customers.id)
    .with_for_update(key_share=True)  # messages that arrive meanwhile may still refer to the customer
)
FORGET = (
    update(Facts)
    .where(Facts.id == bindparam("fact_id"), Facts.customer_id == bindparam("owner"))
    .values(value="", quote="", ended_at=bindparam("now"), ended_by="customer")
)


class SqlFacts:
    """bot.protocols.Facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, conversation: Conversation) -> Sequence[Fact]:
        """What holds now and may be used in this conversation, oldest first."""
        query = _told_by(conversation.customer_id).where(Facts.ended_at.is_(None))
        if conversation.shared:
            told_here = Messages.conversation_id == rows.storable(conversation.id)
            query = query.join(Messages, Messages.id == Facts.message_id).where(told_here)
        return await self._read(query)

    async def told(self, customer_id: str) -> Sequence[Fact]:
        """Everything that a customer has told, also what no longer holds, oldest first."""
        return await self._read(_told_by(customer_id))

    async def _read(self, query: Select[*tuple[Any, ...]]) -> Sequence[Fact]:
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_fact(row) for row in found]


@dataclass(frozen=True, slots=True)
class Told:
    """What one reply stores of its customer: `ended` are ids of facts that the customer wants forgotten."""

    customer_id: str
    shared: bool
    learned: Sequence[NewFact]
    ended: Sequence[str]


def store_facts(connection: Connection, told: Sequence[Told], now: datetime) -> None:
    """Writes what is new; a customer's rows are locked after those of conversations, in the order of ids."""
    if not told:
        return
    customers = sorted({each.customer_id for each in told})
    connection.execute(LOCK, {"customers": customers})
    forgotten = [{"fact_id": fact, "owner": each.customer_id, "now": now} for each in told for fact in each.ended]
    if forgotten:
        connection.execute(FORGET, forgotten)
    knowledge = _Knowledge(connection.execute(HOLDING, {"customers": customers}), now)
    for each in told:
        for fact in each.learned:
            knowledge.add(each, fact)
    knowledge.store(connection)


class _Knowledge:
    """What is known of some customers, while new facts are added."""

    def __init__(self, holding: Iterable[AnyRow], now: datetime) -> None:
        self._now = now
        self._known: dict[tuple[str, str], dict[str, str]] = {}
        self._added: dict[str, dict[str, Any]] = {}
        self._ended: set[str] = set()
        for row in holding:
            self._known.setdefault((row.customer_id, row.kind), {})[row.id] = row.value

    def add(self, told: Told, fact: NewFact) -> None:
        """The same fact again is not stored twice; a newer one of a kind that has one value ends the earlier one."""
        known = self._known.setdefault((told.customer_id, fact.kind), {})
        if any(says_as_much(value, fact.value) for value in known.values()):
            return
        if fact.replaces_kind:
            self._ended.update(known)
            known.clear()
        row = self._row(told, fact)
        known[row["id"]] = row["value"]
        self._added[row["id"]] = row

    def store(self, connection: Connection) -> None:
        for replaced in self._ended & self._added.keys():
            self._added[replaced].update(ended_at=self._now, ended_by="newer")
        if self._added:
            connection.execute(insert(Facts), list(self._added.values()))
        end(connection, self._ended - self._added.keys(), self._now)

    def _row(self, told: Told, fact: NewFact) -> dict[str, Any]:
        return {
            "id": new_id("k"),
            "customer_id": told.customer_id,
            "message_id": fact.message_id,
            "kind": fact.kind,
            "value": rows.storable(fact.value),
            "quote": rows.storable(fact.quote),
            "shared": told.shared,
            "created_at": self._now
            + timedelta(microseconds=len(self._added)),  # keeps the order of the facts of a turn
            "ended_at": None,
            "ended_by": None,
        }


def end(connection: Connection, ids: Iterable[str], now: datetime) -> None:
    """Marks facts as replaced by newer ones."""
    change(connection, Facts, [{"id": each, "ended_at": now, "ended_by": "newer"} for each in sorted(ids)])


def says_as_much(known: str, new: str) -> bool:
    """Whether what is known contains the new value: "Anna" says no more than "Anna Berg"."""
    return f" {_plain(new)} " in f" {_plain(known)} "


def _plain(value: str) -> str:
    return " ".join(value.casefold().replace(",", " ").split())


def _told_by(customer_id: str) -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS).where(Facts.customer_id == rows.storable(customer_id)).order_by(*ORDER)


def _fact(row: AnyRow) -> Fact:
    return Fact(
        id=row.id,
        kind=row.kind,
        value=row.value,
        quote=row.quote,
        created_at=row.created_at,
        message_id=row.message_id,
        shared=row.shared,
        ended_at=row.ended_at,
    )
