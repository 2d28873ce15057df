from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from bot.errors import StorageError
from storage.database import Database
from storage.errors import DiskFull, Unavailable
from storage.tables import Counters


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, patience=0)
    yield database
    await database.close()


def add(connection: Connection) -> None:
    connection.execute(text("INSERT INTO counters (name, value) VALUES ('tries', 1)"))


async def count(database: Database) -> int:
    return len(await database.read(lambda connection: connection.execute(select(Counters.name)).all()))


async def test_work_that_raises_leaves_nothing(database: Database) -> None:
    def fail(connection: Connection) -> None:
        add(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    assert await count(database) == 0


async def test_a_refused_statement_is_a_storage_error_and_not_tried_again(database: Database) -> None:
    await database.write(add)
    with pytest.raises(StorageError, match="refused a statement") as refused:
        await database.write(add, patience=60)
    assert not isinstance(refused.value, Unavailable)


async def test_work_is_tried_again_while_the_database_is_away(database: Database) -> None:
    tries = 0

    def flaky(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        add(connection)
        if tries < 3:
            raise ConnectionResetError("the server went away")

    await database.write(flaky, patience=30)
    assert (tries, await count(database)) == (3, 1)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("53100", DiskFull),
        ("53300", Unavailable),
        ("57P01", Unavailable),
        ("40P01", Unavailable),
        ("40001", Unavailable),
        ("08006", Unavailable),
        ("22003", StorageError),
    ],
)
async def test_postgresql_says_by_its_code_what_is_wrong(
    postgresql_url: str, state: str, expected: type[StorageError]
) -> None:
    database = await Database.open(postgresql_url, patience=0)
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'in words' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(StorageError) as raised:
        await database.write(lambda connection: connection.execute(text(statement)))
    await database.close()
    assert type(raised.value) is expected


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite+aiosqlite:////nowhere/at/all.db", "unable to open database file"),
        ("postgresql+asyncpg://anna:secret@127.0.0.1:1/parley", "cannot be reached"),
    ],
)
async def test_a_database_that_is_not_there_is_named_without_its_password(url: str, words: str) -> None:
    with pytest.raises(StorageError, match=words) as raised:
        await Database.open(url)
    assert "secret" not in str(raised.value)


async def test_a_file_that_is_no_database_is_a_clear_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("broken") / "parley.db"
    path.write_bytes(b"this is not a database, but it is long enough to be taken for one" * 100)
    with pytest.raises(StorageError, match="not a database"):
        await Database.open(f"sqlite+aiosqlite:///{path}")


async def test_a_new_file_that_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(Database.open(f"sqlite+aiosqlite:///{path}"))
        assert await asyncio.wait({opening}, timeout=0.3) == (set(), {opening})
        other.execute("COMMIT")
        database = await opening
    mode = await database.read(lambda connection: connection.scalar(text("PRAGMA journal_mode")))
    await database.close()
    assert mode == "wal"


async def test_a_database_in_memory_is_one_for_all_its_users() -> None:
    database = await Database.open("sqlite+aiosqlite://")
    await database.write(Counters.metadata.create_all)
    await database.write(add)
    assert await count(database) == 1
    await database.close()
