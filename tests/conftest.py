"""Databases for tests: every test that asks for `database_url` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from storage.migrations import upgrade
from tests import postgresql

BOTH = [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(autouse=True)
def unconfigured_logs() -> Iterator[None]:
    """A command that a test runs in this process sets up logging; the next test starts without."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """One server for the whole run; without one its tests are skipped, but with CI set they fail."""
    try:
        with postgresql.running_server() as server:
            yield server
    except postgresql.Missing as reason:
        if os.environ.get("CI"):
            pytest.fail(f"No PostgreSQL: {reason}")
        pytest.skip(f"No PostgreSQL: {reason}")


@pytest.fixture
async def postgresql_url(postgresql_server: postgresql.Server) -> AsyncIterator[str]:
    """A migrated PostgreSQL database of the test's own."""
    url = await postgresql_server.migrated()
    yield url.render_as_string(hide_password=False)
    await postgresql_server.clear(url)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of the test's own."""
    copy = shutil.copyfile(migrated_sqlite, tmp_path / "parley.db")
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` and `postgresql` in turn."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """A migrated database of the test's own, of each kind."""
    return str(request.getfixturevalue(f"{database_kind}_url"))


@pytest.fixture
async def empty_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database without any tables, of each kind."""
    if database_kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    url = await server.create()
    yield url.render_as_string(hide_password=False)
    await server.drop(url)
