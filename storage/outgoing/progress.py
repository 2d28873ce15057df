"""What a platform shows of a reply already, so that a restart goes on with it."""

from __future__ import annotations

from sqlalchemy import Connection, exists, insert, select, update

from bot.messages import Delivery, Opening
from storage import rows
from storage.database import Database
from storage.tables import Conversations, Deliveries, Messages, Parts


class SqlProgress:
    """bot.protocols.Progress.

    What was opened belongs to the reply that answers the messages which are unhandled now: the next claim of a
    lost worker's turn answers the same ones and takes it over. When nothing is unhandled no such reply follows,
    and nothing is kept that a later one could take by mistake.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opening(self, conversation_id: str) -> Opening:
        """Asked before the next reply of our conversation is shown."""
        here = rows.storable(conversation_id)
        return await self._database.read(lambda connection: _opening(connection, here))

    async def opened(self, conversation_id: str, platform_id: str, message_id: str | None = None) -> None:
        """The reply to our message (without it, the next reply of our conversation) is shown in this message."""
        here, asked = rows.storable(conversation_id), rows.storable(message_id)
        shown = rows.platform_key(platform_id)
        await self._database.write(lambda connection: _open(connection, here, asked, shown))

    async def sent_part(self, delivery: Delivery, platform_id: str) -> None:
        """Appends to the delivery's parts; the same part again changes nothing."""
        part = rows.platform_key(platform_id)
        await self._database.write(lambda connection: _append(connection, delivery.id, part))


def _opening(connection: Connection, conversation_id: str) -> Opening:
    on_their_way = exists().where(Deliveries.conversation_id == conversation_id, Deliveries.state == "due")
    shown = select(Conversations.opened, on_their_way).where(Conversations.id == conversation_id)
    row = connection.execute(shown).first()
    return Opening(must_wait=row[1], platform_id=row[0]) if row else Opening()


def _open(connection: Connection, conversation_id: str, message_id: str | None, platform_id: str) -> None:
    """Under the lock of the conversation, which a commit holds too: the reply is either being made, or stored."""
    here = Conversations.id == conversation_id
    waiting_since = connection.scalar(select(Conversations.waiting_since).where(here).with_for_update())
    asked = select(Messages.reply_id).where(Messages.id == message_id, Messages.conversation_id == conversation_id)
    reply_id = connection.scalar(asked) if message_id else None
    if reply_id:
        stored = (Deliveries.idempotency_key == reply_id, Deliveries.state == "due", Deliveries.parts_sent == 0)
        connection.execute(update(Deliveries).where(*stored).values(opened=platform_id))
    elif waiting_since:
        connection.execute(update(Conversations).where(here).values(opened=platform_id))


def _append(connection: Connection, delivery_id: str, platform_id: str) -> None:
    here = Deliveries.id == delivery_id
    columns = select(Deliveries.conversation_id, Deliveries.parts_sent).where(here)
    row = connection.execute(columns.with_for_update()).first()
    sent = set(connection.scalars(select(Parts.platform_id).where(Parts.delivery_id == delivery_id)))
    if row is None or platform_id in sent:
        return
    part = {
        "delivery_id": delivery_id,
        "position": row.parts_sent,
        "conversation_id": row.conversation_id,
        "platform_id": platform_id,
    }
    connection.execute(insert(Parts), part)
    connection.execute(update(Deliveries).where(here).values(parts_sent=row.parts_sent + 1))
