"""The pictures that the bot has made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from bot.messages import Incoming, NewPicture
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.ids import new_id
from storage.incoming.people import identities
from storage.tables import Identities, Messages, Pictures

COLUMNS = (
    Pictures.digest,
    Pictures.url,
    Pictures.model,
    Pictures.kind,
    Pictures.seed,
    Pictures.tags,
    Pictures.sources,
)


class SqlPictures:
    """bot.protocols.Pictures. Those of a reply are stored by `storage.working.committing`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def made_since(self, customer_id: str, since: datetime) -> int:
        """How many were made for a customer."""
        query = _count(since).where(Pictures.customer_id == rows.storable(customer_id))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def made_for(self, channel: str, user: str, since: datetime) -> int:
        """How many were made for a channel's user, in whatever way."""
        query = (
            _count(since)
            .join(Identities, Identities.customer_id == Pictures.customer_id)
            .where(Identities.channel == channel, Identities.external_id == rows.platform_key(user))
        )
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def latest(self, conversation_id: str) -> Sequence[NewPicture]:
        """Those of the latest reply in our conversation that has any, in the reply's order."""
        return await self._database.read(lambda connection: _latest(connection, rows.storable(conversation_id)))

    async def find(self, digest: str) -> NewPicture | None:
        """The picture whose file has the SHA-256 `digest`; None when the bot did not make it."""
        query = select(*COLUMNS).where(Pictures.digest == rows.storable(digest)).limit(1)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _picture(row) if row else None

    async def record(self, pictures: Sequence[NewPicture], *, channel: str = "", user: str = "") -> None:
        """Stores pictures that belong to no reply; a user who is not known yet becomes a customer."""
        now = self._clock()

        def write(connection: Connection) -> None:
            owner = _customer(connection, channel, rows.platform_key(user), now) if user else None
            connection.execute(insert(Pictures), [new_picture(each, now, owner) for each in pictures])

        if pictures:
            await self._database.write(write)


def new_picture(
    picture: NewPicture, now: datetime, customer_id: str | None, message_id: str | None = None
) -> dict[str, Any]:
    """Values of a picture to insert."""
    return {
        "id": new_id("p"),
        "digest": picture.digest,
        "customer_id": customer_id,
        "message_id": message_id,
        "url": picture.url,
        "model": rows.platform_key(picture.model),
        "kind": picture.kind,
        "seed": picture.seed,
        "tags": rows.storable(picture.tags),
        "sources": rows.storable(picture.sources),
        "created_at": now,
    }


def _count(since: datetime) -> Select[int]:
    return select(func.count()).select_from(Pictures).where(Pictures.created_at >= since)


def _customer(connection: Connection, channel: str, user: str, now: datetime) -> str:
    found = identities(connection, [Incoming(channel, "", "", user, "")], now)
    return str(found[channel, user].customer_id)


def _latest(connection: Connection, conversation_id: str) -> list[NewPicture]:
    latest = (
        select(Messages.id, Messages.attachments)
        .join(Pictures, Pictures.message_id == Messages.id)
        .where(Messages.conversation_id == conversation_id)
        .order_by(Messages.number.desc())
        .limit(1)
    )
    message = connection.execute(latest).first()
    if message is None:
        return []
    found = connection.execute(select(*COLUMNS).where(Pictures.message_id == message.id))
    order = {attachment["url"]: place for place, attachment in enumerate(message.attachments)}
    return sorted(map(_picture, found), key=lambda picture: order.get(picture.url, len(order)))


def _picture(row: rows.AnyRow) -> NewPicture:
    return NewPicture(row.digest, row.url, row.model, row.kind, row.seed, tuple(row.tags), tuple(row.sources))
