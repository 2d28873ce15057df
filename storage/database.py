"""The database as the other modules use it: work goes in as a plain function, its result comes back.

count = await database.read(lambda connection: connection.scalar(select(func.count()).select_from(Messages)))
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, make_url

from storage.engines import PostgresqlTransactions, SqliteTransactions, Transactions
from storage.errors import Unavailable, translated

Result = TypeVar("Result")
Work = Callable[[Connection], Result]

FIRST_DELAY = 0.05
LONGEST_DELAY = 2.0


class Database:
    """Runs transactions, and waits while the database is locked or gone. Make one with `Database.open`."""

    def __init__(self, transactions: Transactions, where: str, *, is_sqlite: bool, patience: float) -> None:
        self.where = where
        self.is_sqlite = is_sqlite
        self._transactions = transactions
        self._patience = patience

    @classmethod
    async def open(cls, url: str, *, connections: int = 8, patience: float = 20.0) -> Database:
        """Connects to `sqlite+aiosqlite://…` or `postgresql+asyncpg://…`.

        `connections` is the size of the pool, `patience` how many seconds `write` and `read` go on trying
        while the database is locked or gone; opening itself does not wait. Raises StorageError when it cannot be used.
        """
        parsed = make_url(url)
        is_sqlite = parsed.get_backend_name() == "sqlite"
        transactions = SqliteTransactions if is_sqlite else PostgresqlTransactions
        where = parsed.render_as_string(hide_password=True)
        database = cls(transactions(parsed, connections), where, is_sqlite=is_sqlite, patience=patience)
        try:
            await database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar_one(), patience=0)
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, work: Work[Result], *, patience: float | None = None) -> Result:
        """Runs `work` in one transaction, again while the database is locked or gone.

        `work` may therefore run more than once; on SQLite it runs on another thread. Raises StorageError.
        """
        return await self._persist(work, reading=False, patience=patience)

    async def read(self, work: Work[Result], *, patience: float | None = None) -> Result:
        """Like `write`, for work that only reads; it does not wait for writers."""
        return await self._persist(work, reading=True, patience=patience)

    async def maintain(self, statements: Sequence[str]) -> list[Any]:
        """Runs statements outside of transactions, such as VACUUM; returns the first value of each, None for none."""
        with translated(self.where):
            return await self._transactions.maintain(statements)

    async def close(self) -> None:
        """Closes every connection."""
        await self._transactions.close()

    async def _persist(self, work: Work[Result], *, reading: bool, patience: float | None) -> Result:
        deadline = time.monotonic() + (self._patience if patience is None else patience)
        delay = FIRST_DELAY
        while True:
            try:
                with translated(self.where):
                    return await self._transactions.run(work, reading=reading)
            except Unavailable:
                if time.monotonic() + delay > deadline:
                    raise
            await asyncio.sleep(delay * random.uniform(0.5, 1))
            delay = min(delay * 2, LONGEST_DELAY)
