"""What is stored about customers and replies, for the customers themselves."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from bot.errors import NotFound
from bot.messages import Explanation, Profile
from storage import rows
from storage.database import Database
from storage.tables import Conversations, Identities, Messages, Traces


class SqlRecords:
    """bot.protocols.Records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def explanation(self, message_id: str) -> Explanation:
        """Why a reply of the bot is as it is; raises NotFound."""
        return await self._database.read(lambda connection: _explanation(connection, rows.storable(message_id)))

    async def profile(self, conversation_id: str) -> Profile:
        """What is stored about the customer of our conversation, in all conversations; raises NotFound."""
        return await self._database.read(lambda connection: _profile(connection, rows.storable(conversation_id)))


def _explanation(connection: Connection, message_id: str) -> Explanation:
    reply = rows.replies(connection, [message_id]).get(message_id)
    trace = connection.scalar(select(Traces.content).where(Traces.message_id == message_id))
    if reply is None or trace is None:
        raise NotFound("There is no such reply of the bot.")
    return Explanation(reply, trace)


def _profile(connection: Connection, conversation_id: str) -> Profile:
    query = (
        select(Identities.name, Identities.customer_id, Identities.created_at)
        .join(
            Conversations,
            (Conversations.customer_id == Identities.customer_id) & (Conversations.channel == Identities.channel),
        )
        .where(Conversations.id == conversation_id)
        .order_by(Identities.created_at)
    )
    person = connection.execute(query).first()
    if person is None:
        raise NotFound("There is no such conversation.")
    sent = (
        select(func.count())
        .select_from(Messages)
        .join(Conversations, Conversations.id == Messages.conversation_id)
        .where(Conversations.customer_id == person.customer_id, Messages.role == "user")
    )
    return Profile(person.name, connection.execute(sent).scalar_one(), person.created_at)
