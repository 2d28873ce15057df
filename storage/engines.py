"""How a transaction is run on each database.

The work of a transaction is a plain function of a SQLAlchemy connection. On SQLite it runs as a whole on a
thread of ours: an asynchronous driver would cross threads four times a statement, which costs five times
the statement itself. On PostgreSQL it runs on the event loop through asyncpg.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

Result = TypeVar("Result")

BUSY_MILLISECONDS = 2000
"""How long SQLite itself waits for another process's lock before a transaction is tried anew."""
SWITCH_SECONDS = 0.02
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 60.0


class Transactions(Protocol):
    """Runs work in transactions; errors are the driver's own."""

    async def run(self, work: Callable[[Connection], Result], *, reading: bool) -> Result:
        """Begins, runs `work`, commits; rolls back when it raises."""

    async def maintain(self, statements: Sequence[str]) -> list[Any]:
        """Runs statements outside of transactions; returns the first value of each."""

    async def close(self) -> None:
        """Closes every connection."""


class SqliteTransactions:
    """One thread writes, in the order of asking; others read beside it."""

    def __init__(self, url: URL, connections: int) -> None:
        self._engine = _sqlite(url, connections)
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        private = isinstance(self._engine.pool, StaticPool)
        self._readers = self._writer if private else ThreadPoolExecutor(connections, "sqlite-reader")

    async def run(self, work: Callable[[Connection], Result], *, reading: bool) -> Result:
        threads = self._readers if reading else self._writer
        return await asyncio.get_running_loop().run_in_executor(threads, self._run, work, reading)

    def _run(self, work: Callable[[Connection], Result], reading: bool) -> Result:
        with self._engine.connect().execution_options(reading=reading) as connection, connection.begin():
            return work(connection)

    async def maintain(self, statements: Sequence[str]) -> list[Any]:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._maintain, statements)

    def _maintain(self, statements: Sequence[str]) -> list[Any]:
        """Past SQLAlchemy, which would begin a transaction."""
        pooled = self._engine.raw_connection()
        try:
            found = [pooled.cursor().execute(statement).fetchone() for statement in statements]
        except sqlite3.Error as error:
            raise DBAPIError.instance("maintenance", None, error, sqlite3.Error) from error
        finally:
            pooled.close()
        return [row[0] if row else None for row in found]

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        self._engine.dispose()


def _sqlite(url: URL, connections: int) -> Engine:
    """Python's sqlite3 must not begin transactions itself: a writer has to say so at once (BEGIN IMMEDIATE),
    because one that begins by reading cannot wait for the lock later."""
    private = url.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"poolclass": StaticPool} if private else {"pool_size": connections + 1, "max_overflow": 0}
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"isolation_level": None, "check_same_thread": False},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        _keep_a_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is removed is overwritten

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options()["reading"]
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _keep_a_write_ahead_log(connection: sqlite3.Connection) -> None:
    """The switch of a new file is refused at once while another process switches it: `busy_timeout` does not apply."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(SWITCH_SECONDS)
        else:
            return


class PostgresqlTransactions:
    """A pool of asyncpg connections."""

    def __init__(self, url: URL, connections: int) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=STATEMENT_SECONDS,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": STATEMENT_SECONDS,
                "server_settings": {"application_name": "parley", "jit": "off", "timezone": "UTC"},
            },
        )

    async def run(self, work: Callable[[Connection], Result], *, reading: bool) -> Result:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def maintain(self, statements: Sequence[str]) -> list[Any]:
        async with self._engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            found = [await alone.exec_driver_sql(statement) for statement in statements]
            return [row[0] if result.returns_rows and (row := result.first()) else None for result in found]

    async def close(self) -> None:
        await self._engine.dispose()
