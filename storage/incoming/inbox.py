"""The way in: a message is stored once, under its channel's own id, before the channel acknowledges it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.errors import Busy, InvalidMessage
from bot.messages import Accepted, Incoming, Reply
from storage import rows
from storage.batching import Batcher
from storage.clock import Clock
from storage.database import Database
from storage.incoming.people import Key, Place, by_channel, identities, places
from storage.statements import among, change
from storage.tables import KEY_CHARACTERS, Conversations, Messages
from storage.waking.signals import Notice, Signals
from storage.working.rules import Rules

KNOWN = select(Messages.id, Messages.channel, Messages.external_id, Messages.conversation_id, Messages.reply_id).where(
    Messages.channel == bindparam("channel"), among(Messages.external_id, "external_ids")
)
SUPERSEDE = (
    update(Messages)
    .where(
        Messages.conversation_id == bindparam("place"),
        Messages.origin == bindparam("replaced"),
        Messages.handled_at.is_(None),
        Messages.number < bindparam("edited_number"),
    )
    .values(handled_at=bindparam("now"), superseded_by=bindparam("edited_id"))
)
WAITING = select(func.count()).select_from(
    select(Messages.id).where(Messages.handled_at.is_(None)).limit(bindparam("limit")).subquery()
)

LONG = 2000
"""Characters from which on a text is redacted beside the event loop."""


class SqlInbox:
    """bot.protocols.Inbox. What customers write is stored as `redact` returns it."""

    def __init__(
        self, database: Database, signals: Signals, clock: Clock, rules: Rules, redact: Callable[[str], str] = str
    ) -> None:
        self._database = database
        self._signals = signals
        self._clock = clock
        self._rules = rules
        self._redact = redact
        self._batcher = Batcher[Incoming, Accepted](self._accept_all)

    async def accept(self, incoming: Incoming) -> Accepted:
        """Stores the message, or returns what became of it when it was stored before.

        Raises InvalidMessage for ids that cannot be stored, Busy when the queue is full and StorageError
        when the database stays away for longer than the store's patience.
        """
        _check_ids(incoming)
        storable = {name: rows.storable(getattr(incoming, name)) for name in ("text", "origin", "replaces")}
        message = replace(incoming, **storable)
        length = len(message.text) + sum(len(said.text) for said in message.history)
        redacted = await asyncio.to_thread(self._redacted, message) if length > LONG else self._redacted(message)
        return await self._batcher.submit(redacted)

    def _redacted(self, message: Incoming) -> Incoming:
        history = tuple(
            replace(said, text=self._redact(said.text)) if said.role == "user" else said for said in message.history
        )
        return replace(message, text=self._redact(message.text), history=history)

    async def reply_to(self, message_id: str) -> Reply | None:
        """The stored reply to a message, None while there is none."""
        return await self._database.read(lambda connection: rows.reply_to(connection, message_id))

    async def close(self) -> None:
        """Finishes what is on its way."""
        await self._batcher.close()

    async def _accept_all(self, arrivals: Sequence[Incoming]) -> list[Accepted | Exception]:
        results, due = await self._database.write(
            lambda connection: _Acceptance(connection, self._clock(), self._rules, self._signals).accept(arrivals)
        )
        self._signals.work.ring_at(due)
        return results


def _check_ids(incoming: Incoming) -> None:
    ids = {
        "channel": incoming.channel,
        "external_id": incoming.external_id,
        "conversation": incoming.conversation,
        "user": incoming.user,
    }
    for name, value in ids.items():
        if not 0 < len(value) <= KEY_CHARACTERS or rows.UNSTORABLE.search(value):
            raise InvalidMessage(f"The message's {name} must be text of 1 to {KEY_CHARACTERS} characters.")


class _Acceptance:
    """One transaction that takes in many messages."""

    def __init__(self, connection: Connection, now: datetime, rules: Rules, signals: Signals) -> None:
        self._connection = connection
        self._now = now
        self._rules = rules
        self._signals = signals
        self._rows: list[dict[str, Any]] = []
        self._edits: list[dict[str, Any]] = []

    def accept(self, arrivals: Sequence[Incoming]) -> tuple[list[Accepted | Exception], datetime | None]:
        """One result a message, and when the first of them is due."""
        outcomes = self._known(arrivals)
        fresh = {_key(arrival): arrival for arrival in reversed(arrivals) if _key(arrival) not in outcomes}
        due = self._take_in(list(reversed(fresh.values())), outcomes) if fresh else None
        results = []
        for arrival in arrivals:
            outcome = outcomes[_key(arrival)]
            results.append(outcome)
            if isinstance(outcome, Accepted):
                outcomes[_key(arrival)] = replace(outcome, duplicate=True)
        return results, due

    def _known(self, arrivals: Sequence[Incoming]) -> dict[Key, Accepted | Exception]:
        """Messages that are stored already, with the replies that they got."""
        stored = [
            row
            for channel, external_ids in by_channel(map(_key, arrivals))
            for row in self._connection.execute(KNOWN, {"channel": channel, "external_ids": external_ids})
        ]
        replies = rows.replies(self._connection, [row.reply_id for row in stored if row.reply_id])
        return {
            (row.channel, row.external_id): Accepted(row.id, row.conversation_id, True, replies.get(row.reply_id))
            for row in stored
        }

    def _take_in(self, arrivals: Sequence[Incoming], outcomes: dict[Key, Accepted | Exception]) -> datetime | None:
        room = self._room()
        taken = arrivals[:room]
        busy = Busy(f"{self._rules.queue_limit} messages are waiting for an answer; try again in a moment.", 2.0)
        outcomes.update({_key(arrival): busy for arrival in arrivals[room:]})
        if not taken:
            return None
        owners = identities(self._connection, taken, self._now)
        found = places(self._connection, taken, owners, self._now)
        for arrival in taken:
            place = found[arrival.channel, arrival.conversation]
            message_id = self._append(place, arrival, owners[arrival.channel, arrival.user].id)
            if arrival.replaces and not place.leased:
                self._edits.append(self._edit(place, arrival, message_id))
            outcomes[_key(arrival)] = Accepted(
                message_id, place.id, for_bot=place.state != "human", is_behind=place.leased
            )
        self._store(found.values())
        return min((place.due_at for place in found.values() if place.due_at and not place.leased), default=None)

    def _room(self) -> int:
        """How many more may wait; counted on the small index of unhandled messages, and never beyond the limit."""
        limit = self._rules.queue_limit
        return limit - self._connection.execute(WAITING, {"limit": limit}).scalar_one()

    def _append(self, place: Place, arrival: Incoming, identity_id: str) -> str:
        if place.is_new and place.last_number == 0:
            for said in arrival.history:
                self._add(place, said.role, rows.storable(said.text), handled_at=self._now)
        if place.state == "closed":
            place.state = "bot"
        place.shared = arrival.shared
        for_bot = place.state != "human"
        if for_bot:
            self._schedule(place, arrival)
        return self._add(
            place,
            "user",
            arrival.text,
            handled_at=None if for_bot else self._now,
            identity_id=identity_id,
            channel=arrival.channel,
            external_id=arrival.external_id,
            origin=arrival.origin or None,
            attachments=rows.plain(arrival.attachments),
        )

    def _add(self, place: Place, role: str, text: str, **more: Any) -> str:
        place.last_number += 1
        row = rows.new_message(place.id, place.last_number, role, text, self._now, **more)
        self._rows.append(row)
        return str(row["id"])

    def _schedule(self, place: Place, arrival: Incoming) -> None:
        """A conversation at work is looked at again when its turn is committed."""
        place.waiting_since = place.waiting_since or self._now
        if arrival.settle_seconds:
            settles_at = self._now + timedelta(seconds=arrival.settle_seconds)
            place.settles_at = max(place.settles_at or settles_at, settles_at)
        if not place.leased:
            place.due_at = self._rules.settled(arrival.channel, place.waiting_since, self._now, place.settles_at)

    def _edit(self, place: Place, arrival: Incoming, message_id: str) -> dict[str, Any]:
        return {
            "place": place.id,
            "replaced": arrival.replaces,
            "edited_number": place.last_number,
            "edited_id": message_id,
            "now": self._now,
        }

    def _store(self, found: Iterable[Place]) -> None:
        self._connection.execute(insert(Messages), self._rows)
        if self._edits:
            self._connection.execute(SUPERSEDE, self._edits)
        changes = [
            {
                "id": place.id,
                "state": place.state,
                "last_number": place.last_number,
                "due_at": place.due_at,
                "waiting_since": place.waiting_since,
                "settles_at": place.settles_at,
                "shared": place.shared,
                "unreachable_since": None,
                "updated_at": self._now,
            }
            for place in sorted(found, key=lambda place: place.id)
        ]
        change(self._connection, Conversations, changes)
        self._signals.announce(self._connection, Notice(work=True))


def _key(incoming: Incoming) -> Key:
    return incoming.channel, incoming.external_id
