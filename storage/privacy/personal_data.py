"""bot.protocols.PersonalData on the database and the folder of files."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, insert, select

from bot.errors import StorageError
from bot.protocols.privacy import Person, Removal, Report
from storage import rows
from storage.clock import Clock
from storage.database import Database
from storage.files import SqlFiles
from storage.privacy import aging, erasing, exporting, persons, removing
from storage.tables import Conversations, Deliveries, Erasures, Messages, Table

CHECKPOINT_TRIES = 25
CHECKPOINT_SECONDS = 0.2
LOST_AFTER = timedelta(days=1)
"""A file is saved before the message that names it; so long after, it never will be."""
PERSONAL = (
    "customers identities conversations messages deliveries parts traces feedback files facts link_codes summaries "
    "pictures withheld"
)


class SqlPersonalData:
    """Finds, exports and erases people, and drops what is old."""

    def __init__(self, database: Database, files: SqlFiles, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def find(self, user: str) -> Sequence[Person]:
        """Whom an account, a customer's id or a conversation may mean."""
        return await self._database.read(lambda connection: persons.find(connection, rows.storable(user)))

    async def export(self, customer_id: str) -> dict[str, Any]:
        """Everything about the person as JSON values; raises NotFound."""
        return await self._database.read(lambda connection: exporting.export(connection, customer_id))

    async def places(self, customer_id: str) -> Removal:
        """The conversations and messages that an erasure would remove, by their ids; raises NotFound."""
        return await self._database.read(lambda connection: erasing.places(connection, customer_id))

    async def erase(self, customer_id: str, *, sparing: str | None = None) -> Removal:
        """Removes the person from the database in one transaction, then the contents of files; raises NotFound."""
        removal = await self._database.write(lambda connection: erasing.erase(connection, customer_id, sparing))
        await self._files.drop(removal.contents)
        return removal

    async def keep_report(self, report: Report) -> None:
        """Stores a report."""
        row = {
            "id": report.id,
            "report": dict(report.content),
            "signature": report.signature,
            "created_at": report.created_at,
        }
        await self._database.write(lambda connection: connection.execute(insert(Erasures), row))

    async def reports(self, since: datetime) -> Sequence[Report]:
        """Those made after a time, oldest first."""
        query = select(Erasures).where(Erasures.created_at > since).order_by(Erasures.created_at)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [Report(row.id, row.report, row.signature, row.created_at) for row in found]

    async def is_delivered(self, conversation_id: str) -> bool:
        """Whether a spared conversation exists whose reply has arrived, and to which nobody has added a word since."""
        here = Deliveries.conversation_id == conversation_id
        query = select(Conversations.id).where(
            Conversations.id == conversation_id,
            Conversations.due_at.is_(None),
            exists().where(here),
            ~exists().where(here, Deliveries.state == "due"),
            ~exists().where(Messages.conversation_id == conversation_id, Messages.handled_at.is_(None)),
        )
        return await self._database.read(lambda connection: connection.execute(query).first()) is not None

    async def expire(self, before: datetime) -> int:
        """Removes conversations in which nothing has happened since; returns how many."""
        count = 0
        while True:
            removal = await self._database.write(lambda connection: aging.expire(connection, before))
            await self._files.drop(removal.contents)
            count += len(removal.conversations)
            if not removal.rows:
                return count

    async def sweep(self) -> int:
        """Removes files that nothing names, and contents that are no file's; returns how many."""
        before = self._clock() - LOST_AFTER
        lost = await self._database.read(lambda connection: aging.unreferenced(connection, before))

        def remove(connection: Connection) -> tuple[str, ...]:
            return removing.remove_files(connection, lost, Counter())

        await self._files.drop(await self._database.write(remove))
        return len(lost) + await self._files.drop_strays(LOST_AFTER)

    async def compact(self) -> bool:
        """SQLite is written anew without what was removed, its log emptied; PostgreSQL writes the tables anew.

        False when other processes keep it from that. On PostgreSQL the log and backups are the server's own: they keep
        what was removed until they are recycled.
        """
        try:
            if self._database.is_sqlite:
                return await self._compact_sqlite()
            tables = [table for table in Table.metadata.tables if table in PERSONAL.split()]
            await self._database.maintain([f"VACUUM FULL {table}" for table in tables])
        except StorageError:
            return False
        return True

    async def empty_log(self) -> bool:
        """Takes what was removed out of SQLite's log; its pages are overwritten as they are freed."""
        for _ in range(CHECKPOINT_TRIES if self._database.is_sqlite else 0):
            if not (await self._database.maintain(["PRAGMA wal_checkpoint(TRUNCATE)"]))[0]:
                return True
            await asyncio.sleep(CHECKPOINT_SECONDS)
        return not self._database.is_sqlite

    async def _compact_sqlite(self) -> bool:
        await self._database.maintain(["VACUUM"])
        return await self.empty_log()
