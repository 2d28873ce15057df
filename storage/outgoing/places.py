"""Where conversations are, when a platform moves or closes them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from bot.errors import InvalidMessage
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.outgoing.outbox import IS_DUE, LONGEST_ERROR
from storage.statements import change
from storage.tables import KEY_CHARACTERS, Conversations, Deliveries
from storage.waking.signals import Notice, Signals


class SqlPlaces:
    """bot.protocols.Places. Places are the channel's ids; the place `A` is above `A/B`."""

    def __init__(self, database: Database, signals: Signals, clock: Clock) -> None:
        self._database = database
        self._signals = signals
        self._clock = clock

    async def moved(self, channel: str, old: str, new: str) -> None:
        """Conversations go on under the new id, where what is due is sent too.

        One that there is under the new id already stays another conversation. Messages of the old place cannot be
        edited in the new one, so replies that are shown there are sent anew. Raises InvalidMessage for an
        unusable new id.
        """
        if not 0 < len(new) <= KEY_CHARACTERS or rows.UNSTORABLE.search(new):
            raise InvalidMessage(f"The new place of {old!r} must be text of 1 to {KEY_CHARACTERS} characters.")
        if new != old:
            await self._database.write(lambda connection: _move(connection, channel, rows.storable(old), new))
            self._ring(channel)

    async def unreachable(self, channel: str, conversation: str, reason: str) -> None:
        """Parks what is due there and marks the conversations; their next message takes the mark away."""
        place, why = rows.storable(conversation), rows.storable(reason)[:LONGEST_ERROR]
        await self._database.write(lambda connection: self._close(connection, channel, place, why))
        self._ring(channel)

    def _close(self, connection: Connection, channel: str, place: str, reason: str) -> None:
        ids = [row.id for row in _conversations(connection, channel, place)]
        now = self._clock()
        change(connection, Conversations, [{"id": each, "unreachable_since": now} for each in ids])
        parked = {"state": "parked", "last_error": reason, "finished_at": now}
        connection.execute(update(Deliveries).where(*_due(ids)).values(parked))

    def _ring(self, channel: str) -> None:
        self._signals.ring(Notice(channels=(channel,)))


def _move(connection: Connection, channel: str, old: str, new: str) -> None:
    found = {row.id: new + row.external_id[len(old) :] for row in _conversations(connection, channel, old)}
    taken = _taken(connection, channel, list(found.values()))
    moves = [{"id": each, "external_id": place, "opened": None} for each, place in found.items() if place not in taken]
    change(connection, Conversations, moves)
    for each, place in found.items():
        connection.execute(update(Deliveries).where(*_due([each])).values(target=place, opened=None))


def _conversations(connection: Connection, channel: str, place: str) -> Sequence[rows.AnyRow]:
    """Locked in the order of ids, as everyone locks them."""
    below = func.substr(Conversations.external_id, 1, len(place) + 1) == place + "/"
    return connection.execute(
        select(Conversations.id, Conversations.external_id)
        .where(Conversations.channel == channel, or_(Conversations.external_id == place, below))
        .order_by(Conversations.id)
        .with_for_update()
    ).all()


def _taken(connection: Connection, channel: str, places: Sequence[str]) -> set[str]:
    query = select(Conversations.external_id).where(
        Conversations.channel == channel, Conversations.external_id.in_(places)
    )
    return set(connection.scalars(query))


def _due(conversation_ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return Deliveries.conversation_id.in_(conversation_ids), IS_DUE
