"""The accounts of one person on several channels, and what that person wishes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from bot.messages import Account, Conversation
from bot.protocols import Linked
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.people import links
from storage.tables import Customers, Identities


class SqlPeople:
    """bot.protocols.People."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def accounts(self, customer_id: str) -> Sequence[Account]:
        """The accounts of a customer, oldest first."""
        query = (
            select(Identities.channel, Identities.external_id, Identities.name)
            .where(Identities.customer_id == rows.storable(customer_id))
            .order_by(Identities.created_at, Identities.id)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [Account(row.channel, row.external_id, row.name) for row in found]

    async def link_code(self, conversation: Conversation) -> str:
        """A new code with which another account can be linked once, within ten minutes."""
        return await self._database.write(lambda connection: links.new_code(connection, conversation, self._clock()))

    async def link(self, conversation: Conversation, code: str) -> Linked:
        """Makes the customer and the one who was given the code one person, in one transaction."""
        return await self._database.write(
            lambda connection: links.redeem(connection, conversation, code, self._clock())
        )

    async def burn(self, code: str) -> None:
        """Makes a code useless."""
        await self._database.write(lambda connection: links.burn(connection, code))

    async def unlink(self, conversation: Conversation) -> bool:
        """Makes the account that wrote last in the conversation a person of its own again."""
        return await self._database.write(lambda connection: links.split(connection, conversation, self._clock()))

    async def wants_recommendations(self, customer_id: str) -> bool:
        """Whether products may be recommended to the customer."""
        query = select(Customers.no_recommendations_at).where(Customers.id == rows.storable(customer_id))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one_or_none()) is None

    async def want_recommendations(self, customer_id: str, wanted: bool) -> None:
        """Stores the wish; a repeated one changes nothing."""
        column = Customers.no_recommendations_at
        differs = column.is_not(None) if wanted else column.is_(None)
        statement = (
            update(Customers)
            .where(Customers.id == customer_id, differs)
            .values(no_recommendations_at=None if wanted else self._clock())
        )
        await self._database.write(lambda connection: connection.execute(statement))
