"""The accounts of the people behind the bot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bot.errors import UsageError
from bot.messages import Operator
from storage.clock import Clock
from storage.database import Database
from storage.ids import new_id
from storage.rows import UNSTORABLE
from storage.statements import upsert
from storage.tables import KEY_CHARACTERS, Operators


class SqlOperators:
    """bot.protocols.Operators."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def find(self, name: str) -> Operator | None:
        """None when there is no such account."""
        if not _is_name(name):
            return None
        query = select(Operators.id, Operators.name, Operators.password_hash).where(Operators.name == name)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return Operator(row.id, row.name, row.password_hash) if row else None

    async def add_first(self, name: str, password_hash: str) -> bool:
        """Makes the account if there is none at all yet; of several processes one does."""

        def add(connection: Connection) -> bool:
            if connection.execute(select(Operators.id).limit(1)).first():
                return False
            new = upsert(connection, Operators).values(self._account(name, password_hash))
            return bool(connection.execute(new.on_conflict_do_nothing()).rowcount)

        return await self._database.write(add)

    async def set_password(self, name: str, password_hash: str) -> None:
        """Replaces the password, or makes the account; raises UsageError for a name that cannot be one."""
        if not _is_name(name):
            raise UsageError(f"An operator's name must be printable text of 1 to {KEY_CHARACTERS} characters.")

        def put(connection: Connection) -> None:
            new = upsert(connection, Operators).values(self._account(name, password_hash))
            change = {"password_hash": password_hash}
            connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=change))

        await self._database.write(put)

    def _account(self, name: str, password_hash: str) -> dict[str, Any]:
        return {"id": new_id("o"), "name": name, "password_hash": password_hash, "created_at": self._clock()}


def _is_name(name: str) -> bool:
    return 0 < len(name) <= KEY_CHARACTERS and name.isprintable() and not UNSTORABLE.search(name)
