"""Replies on their way out. A row that is taken comes back by itself if its sender is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from bot.messages import Delivery, Reply
from storage import rows
from storage.batching import Batcher
from storage.clock import Clock
from storage.database import Database
from storage.statements import among, change
from storage.tables import Deliveries, Parts
from storage.waking.signals import Signals

LONGEST_ERROR = 2000


DUE_STATE: ColumnElement[str] = literal_column("'due'")
"""Written out, because a parameter would hide from the planner that the indexes of due rows fit."""
IS_DUE = Deliveries.state == DUE_STATE
EARLIER = aliased(Deliveries)
HAS_EARLIER = select(EARLIER.id).where(
    EARLIER.conversation_id == Deliveries.conversation_id,
    EARLIER.state == DUE_STATE,
    EARLIER.number < Deliveries.number,
)
DUE = (
    select(Deliveries)
    .where(
        Deliveries.channel == bindparam("channel"), IS_DUE, Deliveries.due_at <= bindparam("now"), ~HAS_EARLIER.exists()
    )
    .order_by(Deliveries.due_at)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
NEXT_DUE = select(func.min(Deliveries.due_at)).where(
    Deliveries.channel == bindparam("channel"), IS_DUE, Deliveries.due_at > bindparam("now")
)
PARTS = (
    select(Parts.delivery_id, Parts.platform_id)
    .where(among(Parts.delivery_id, "ids"))
    .order_by(Parts.delivery_id, Parts.position)
)
BORN = select(Deliveries.id, Deliveries.created_at).where(among(Deliveries.id, "ids"))


class SqlOutbox:
    """bot.protocols.Outbox.

    `lease` is how long a sender may take over a delivery before it counts as lost, `max_age` how long
    a delivery is tried at all before it is parked.
    """

    def __init__(
        self, database: Database, signals: Signals, clock: Clock, *, lease: timedelta, max_age: timedelta
    ) -> None:
        self._database = database
        self._signals = signals
        self._clock = clock
        self._lease = lease
        self._max_age = max_age
        self._outcomes = Batcher[tuple[Delivery, dict[str, Any]], None](self._record_all)

    async def due(self, channel: str, limit: int) -> Sequence[Delivery]:
        """Takes deliveries that are due; the later ones of a conversation wait until the earlier are done."""
        bell = self._signals.outbox(channel)
        bell.looking()
        now = self._clock()
        taken, next_due = await self._database.write(
            lambda connection: _take(connection, channel, limit, now, now + self._lease)
        )
        bell.ring_at(next_due)
        return taken

    async def sent(self, delivery: Delivery, platform_id: str | None) -> None:
        """Records that the platform has it."""
        await self._record(
            delivery, state="sent", platform_id=platform_id and rows.platform_key(platform_id), last_error=None
        )

    async def retry(self, delivery: Delivery, at: datetime, error: str) -> None:
        """Schedules the next try, with `delivery.attempts` as the number of earlier ones; parks what is too old."""
        await self._record(delivery, state="due", due_at=at, last_error=error)

    async def park(self, delivery: Delivery, reason: str) -> None:
        """Gives up for good, and says why."""
        await self._record(delivery, state="parked", last_error=reason)

    async def wait(self, channel: str, timeout: float) -> None:
        """Returns when something may be due, at the latest after `timeout` seconds."""
        await self._signals.outbox(channel).wait(timeout)

    async def close(self) -> None:
        """Finishes what is on its way."""
        await self._outcomes.close()

    async def _record(self, delivery: Delivery, *, last_error: str | None, **outcome: Any) -> None:
        error = rows.storable(last_error[:LONGEST_ERROR]) if last_error else None
        await self._outcomes.submit((delivery, {"platform_id": None, "last_error": error, **outcome}))

    async def _record_all(self, outcomes: Sequence[tuple[Delivery, dict[str, Any]]]) -> Sequence[None]:
        now = self._clock()
        await self._database.write(lambda connection: self._write(connection, outcomes, now))
        for delivery, _ in outcomes:
            self._signals.outbox(delivery.channel).ring()
        return [None] * len(outcomes)

    def _write(
        self, connection: Connection, outcomes: Sequence[tuple[Delivery, dict[str, Any]]], now: datetime
    ) -> None:
        """Only what is still due: a sender that was thought lost must not undo what its successor did."""
        changes = {
            delivery.id: {
                "id": delivery.id,
                "attempts": delivery.attempts,
                "due_at": now,
                "finished_at": now,
                **outcome,
            }
            for delivery, outcome in sorted(outcomes, key=lambda item: item[0].id)
        }
        retries = [each for each in changes.values() if each["state"] == "due"]
        born = _creation_times(connection, [each["id"] for each in retries])
        for each in retries:
            if each["due_at"] - born.get(each["id"], now) > self._max_age:
                each |= {"state": "parked", "last_error": f"Given up after {self._max_age}. {each['last_error']}"}
            else:
                each["finished_at"] = None
        change(connection, Deliveries, list(changes.values()), only=IS_DUE)


def _take(
    connection: Connection, channel: str, limit: int, now: datetime, lease_end: datetime
) -> tuple[list[Delivery], datetime | None]:
    """Deliveries, and if there are fewer than asked for, when the next one is due."""
    now_here = {"channel": channel, "now": now}
    taken = connection.execute(DUE, {**now_here, "count": limit}).all()
    change(connection, Deliveries, [{"id": row.id, "due_at": lease_end} for row in taken])
    replies = rows.replies(connection, [row.message_id for row in taken])
    parts = _parts(connection, [row.id for row in taken if row.parts_sent])
    deliveries = [_delivery(row, replies[row.message_id], parts.get(row.id, ())) for row in taken]
    return deliveries, connection.execute(NEXT_DUE, now_here).scalar_one() if len(taken) < limit else None


def _parts(connection: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for row in connection.execute(PARTS, {"ids": ids}) if ids else ():
        parts.setdefault(row.delivery_id, []).append(row.platform_id)
    return parts


def _delivery(row: rows.AnyRow, reply: Reply, parts: Sequence[str]) -> Delivery:
    return Delivery(
        id=row.id,
        channel=row.channel,
        target=row.target,
        reply=reply,
        attempts=row.attempts,
        origin=row.origin or "",
        opened=row.opened,
        parts=tuple(parts),
    )


def _creation_times(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    return {row.id: row.created_at for row in connection.execute(BORN, {"ids": ids})} if ids else {}
