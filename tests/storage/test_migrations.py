from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, make_url, select, text

from bot.errors import StorageError
from storage.database import Database
from storage.migrations import check, upgrade
from storage.tables import Customers, Table
from tests import postgresql

SCHEMAS = Path(__file__).parent / "schemas"
RELEASED = sorted({path.name.split(".")[0] for path in SCHEMAS.iterdir()})
A_CUSTOMER = "INSERT INTO customers (id, created_at) VALUES ('u_old', '2026-01-01 00:00:00+00:00')"


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Table.metadata))


async def equals_the_models(url: str) -> bool:
    database = await Database.open(url)
    found = await database.read(differences)
    await database.close()
    return found == []


async def load(url: str, kind: str, release: str) -> None:
    """A database as that release left it, with one customer."""
    script = (SCHEMAS / f"{release}.{kind}.sql").read_text()
    if kind == "postgresql":
        await postgresql.execute(make_url(url), script, "SET search_path = public", A_CUSTOMER)
        return
    with closing(sqlite3.connect(make_url(url).database or "")) as connection:
        connection.executescript(script)
        connection.execute("INSERT INTO customers (id, created_at) VALUES ('u_old', '2026-01-01 00:00:00.000000')")
        connection.commit()


async def test_an_empty_database_becomes_what_the_models_say(empty_url: str) -> None:
    before = await upgrade(empty_url)
    assert before.current is None
    assert (await check(empty_url)).is_current
    assert await equals_the_models(empty_url)


@pytest.mark.parametrize("release", RELEASED)
async def test_each_released_schema_becomes_what_the_models_say(
    empty_url: str, database_kind: str, release: str
) -> None:
    await load(empty_url, database_kind, release)
    assert (await upgrade(empty_url)).current == release
    assert await equals_the_models(empty_url)
    database = await Database.open(empty_url)
    kept = await database.read(lambda connection: connection.execute(select(Customers.id)).scalars().all())
    await database.close()
    assert kept == ["u_old"]


async def test_an_upgrade_may_be_repeated(empty_url: str) -> None:
    await upgrade(empty_url)
    assert (await upgrade(empty_url)).is_current


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    versions = await asyncio.gather(*[upgrade(empty_url) for _ in range(3)])
    assert sorted(version.current or "" for version in versions) == ["", versions[0].newest, versions[0].newest]


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    database = await Database.open(database_url)
    newest = (await check(database_url)).newest
    await database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    for use in (upgrade, check):
        with pytest.raises(StorageError, match="newer version of Parley"):
            await use(database_url)
    back = text("UPDATE alembic_version SET version_num = :newest")
    await database.write(lambda connection: connection.execute(back, {"newest": newest}))
    await database.close()


async def test_an_empty_database_is_not_current(empty_url: str) -> None:
    assert not (await check(empty_url)).is_current


def test_every_revision_has_its_schema() -> None:
    """A dump of each release stays in `schemas`, so that its upgrade is tested for ever."""
    versions = Path(SCHEMAS.parents[2] / "storage/migrations/versions")
    assert sorted({path.name[:4] for path in versions.glob("*.py")}) == RELEASED
