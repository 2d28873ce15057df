"""Finds or makes the customers, identities and conversations of arriving messages, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from bot.messages import Incoming
from storage.ids import new_id
from storage.rows import AnyRow, storable
from storage.statements import among, change, upsert
from storage.tables import Conversations, Customers, Identities

Key = tuple[str, str]
"""A channel and its id of something."""


IDENTITIES = select(
    Identities.id, Identities.customer_id, Identities.name, Identities.channel, Identities.external_id
).where(Identities.channel == bindparam("channel"), among(Identities.external_id, "external_ids"))
CHOSEN_LANGUAGES = (
    select(Conversations.customer_id, Conversations.chosen_language)
    .where(among(Conversations.customer_id, "customers"), Conversations.chosen_language.is_not(None))
    .order_by(Conversations.updated_at)
)
LOCKED_PLACES = (
    select(Conversations)
    .where(Conversations.channel == bindparam("channel"), among(Conversations.external_id, "external_ids"))
    .order_by(Conversations.id)
    .with_for_update()
)


@dataclass(slots=True)
class Place:
    """A conversation's changeable part while messages are put into it."""

    id: str
    state: str
    last_number: int
    leased: bool
    due_at: datetime | None
    waiting_since: datetime | None
    settles_at: datetime | None
    shared: bool
    is_new: bool = False


def identities(connection: Connection, arrivals: Sequence[Incoming], now: datetime) -> dict[Key, AnyRow]:
    """The identity (id, customer_id, name) of each writer; names that changed are stored."""
    names = {(arrival.channel, arrival.user): storable(arrival.user_name) for arrival in arrivals}
    found = _find_identities(connection, names)
    missing = sorted(key for key in names if key not in found)
    if missing:
        _add_identities(connection, missing, names, now)
        found |= _find_identities(connection, missing)
    renamed = [
        {"id": found[key].id, "name": name} for key, name in sorted(names.items()) if name and name != found[key].name
    ]
    if renamed:
        change(connection, Identities, renamed)
    return found


def _find_identities(connection: Connection, keys: Iterable[Key]) -> dict[Key, AnyRow]:
    return {
        (row.channel, row.external_id): row
        for channel, external_ids in by_channel(keys)
        for row in connection.execute(IDENTITIES, {"channel": channel, "external_ids": external_ids})
    }


def _add_identities(connection: Connection, keys: Sequence[Key], names: dict[Key, str | None], now: datetime) -> None:
    rows = [
        {
            "id": new_id("i"),
            "customer_id": new_id("u"),
            "channel": channel,
            "external_id": external_id,
            "name": names[channel, external_id],
            "created_at": now,
        }
        for channel, external_id in keys
    ]
    customers = [{"id": row["customer_id"], "created_at": now} for row in rows]
    connection.execute(insert(Customers), customers)
    connection.execute(upsert(connection, Identities).on_conflict_do_nothing(), rows)
    _drop_unused(connection, [row["customer_id"] for row in rows])


def _drop_unused(connection: Connection, customers: Sequence[Any]) -> None:
    """Another process may have made the same identity first; then our customer has none."""
    if connection.dialect.name == "postgresql":
        used = select(Identities.customer_id).where(Identities.customer_id.in_(customers))
        connection.execute(delete(Customers).where(Customers.id.in_(customers), Customers.id.not_in(used)))


def places(
    connection: Connection, arrivals: Sequence[Incoming], owners: dict[Key, AnyRow], now: datetime
) -> dict[Key, Place]:
    """The locked conversation of each message."""
    firsts: dict[Key, Incoming] = {}
    for arrival in arrivals:
        firsts.setdefault((arrival.channel, arrival.conversation), arrival)
    found = _lock_conversations(connection, firsts)
    missing = sorted(key for key in firsts if key not in found)
    if missing:
        rows = [_new_conversation(firsts[key], owners, now) for key in missing]
        _speak_as_before(connection, rows)
        connection.execute(upsert(connection, Conversations).on_conflict_do_nothing(), rows)
        found |= _lock_conversations(connection, missing)
        for row in rows:
            place = found[row["channel"], row["external_id"]]
            place.is_new = place.id == row["id"]
    return found


def _lock_conversations(connection: Connection, keys: Iterable[Key]) -> dict[Key, Place]:
    """In the order of ids, as everyone locks them: two processes can then never wait for each other."""
    found: dict[Key, Place] = {}
    for channel, external_ids in by_channel(keys):
        for row in connection.execute(LOCKED_PLACES, {"channel": channel, "external_ids": external_ids}):
            found[channel, row.external_id] = Place(
                row.id,
                row.state,
                row.last_number,
                row.lease_owner is not None,
                row.due_at,
                row.waiting_since,
                row.settles_at,
                row.shared,
            )
    return found


def _new_conversation(first: Incoming, owners: dict[Key, AnyRow], now: datetime) -> dict[str, Any]:
    return {
        "id": new_id("c"),
        "customer_id": owners[first.channel, first.user].customer_id,
        "channel": first.channel,
        "external_id": first.conversation,
        "state": "bot",
        "language": storable(first.language[:35]) if first.language else None,
        "shared": first.shared,
        "last_number": 0,
        "fence": 0,
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
    }


def _speak_as_before(connection: Connection, conversations: Sequence[dict[str, Any]]) -> None:
    """A language that a customer has chosen once holds in their new conversations too."""
    customers = sorted({row["customer_id"] for row in conversations})
    found = connection.execute(CHOSEN_LANGUAGES, {"customers": customers})
    chosen = {row.customer_id: row.chosen_language for row in found}
    for row in conversations:
        row["chosen_language"] = chosen.get(row["customer_id"])


def by_channel(keys: Iterable[Key]) -> list[tuple[str, list[str]]]:
    """Ids by their channel, all in order."""
    channels: dict[str, list[str]] = {}
    for channel, external_id in sorted(set(keys)):
        channels.setdefault(channel, []).append(external_id)
    return sorted(channels.items())
