from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bot.streams import LocalStreams
from storage import Store
from tests.adapters.console.browser import Browser, Console, browsing, serving

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Made once: a hash is slow on purpose."""
    return PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)


@pytest.fixture
def streams() -> LocalStreams:
    return LocalStreams()


@pytest.fixture
async def store(sqlite_url: str, streams: LocalStreams, tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(sqlite_url, streams, coalesce_seconds=0, files=tmp_path / "files")
    yield store
    await store.close()


@pytest.fixture
async def console(store: Store, streams: LocalStreams, password_hash: str) -> AsyncIterator[Console]:
    await store.operators.set_password("admin", password_hash)
    async with serving(store, streams, PASSWORD, check_seconds=0.05) as console:
        yield console


@pytest.fixture
async def stranger(console: Console) -> AsyncIterator[Browser]:
    """Somebody who has not logged in."""
    async with browsing(console) as browser:
        yield browser


@pytest.fixture
async def operator(console: Console) -> AsyncIterator[Browser]:
    """Somebody who has."""
    async with browsing(console) as browser:
        await browser.log_in(console.password)
        yield browser
