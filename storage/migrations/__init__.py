"""Brings a database to this version's tables, step by step from any released version.

A released revision is never changed: a change of the tables is a new file in `versions/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import StorageError
from storage.database import Database

HERE = Path(__file__).parent
MIGRATION_LOCK = 7_275_539
"""A key of PostgreSQL's advisory locks: of several processes that start at once, one migrates."""


@dataclass(frozen=True, slots=True)
class Version:
    """The database's revision (None when it is empty) and this version's."""

    current: str | None
    newest: str

    @property
    def is_current(self) -> bool:
        """Whether nothing has to be done."""
        return self.current == self.newest


async def upgrade(url: str) -> Version:
    """Migrates to the newest revision, in one transaction; returns what it was before.

    Raises StorageError when the database cannot be used, or belongs to a newer version of Parley.
    """
    database = await Database.open(url, connections=1)
    try:
        return await database.write(lambda connection: _upgrade(connection, database.where))
    finally:
        await database.close()


async def check(url: str) -> Version:
    """The database's version, without changing anything; raises StorageError like `upgrade`."""
    database = await Database.open(url, connections=1)
    try:
        return await database.read(lambda connection: version(connection, database.where))
    finally:
        await database.close()


def version(connection: Connection, where: str) -> Version:
    """Raises StorageError when a newer version of Parley has written the database."""
    scripts = ScriptDirectory.from_config(configuration(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise StorageError(
            f"The database {where} was written by a newer version of Parley (revision {current}); upgrade Parley."
        )
    return Version(current, scripts.get_current_head() or "")


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for the one connection that it is to use."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, where: str) -> Version:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    before = version(connection, where)
    if not before.is_current:
        command.upgrade(configuration(connection), "head")
    return before
