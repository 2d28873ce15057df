"""A database that goes away or has no space left: messages wait, nothing that was accepted is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.worker import Workers
from storage import Store
from storage.migrations import upgrade
from tests import postgresql
from tests.spine.examples import Scripted, Stages, echo, incoming, opened

pytestmark = pytest.mark.crash

FOUR = WorkersSection(count=4, lease_seconds=30, drain_seconds=5)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="parley-postgresql-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.postgresql
async def test_messages_wait_while_the_server_is_gone_and_are_answered_then(server_folder: Path) -> None:
    try:
        user = postgresql.unprivileged_user(server_folder)
        first = await asyncio.to_thread(postgresql.start, server_folder / "data", user, settings="")
    except postgresql.Missing as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"No PostgreSQL: {reason}")
    url = first.url.render_as_string(hide_password=False)
    await upgrade(url)
    streams, stages = LocalStreams(), Stages()
    async with (
        opened(url, streams, patience_seconds=60) as store,
        Workers(store.turns, Scripted(echo), streams, FOUR, on_stage=stages).running(),
    ):
        await store.inbox.accept(incoming("before"))
        await stages.until("committed")
        await asyncio.to_thread(first.stop)
        accepting = asyncio.create_task(store.inbox.accept(incoming("while it is gone")))
        await asyncio.sleep(1)  # what is tested is the passing of time
        assert not accepting.done()
        second = await asyncio.to_thread(postgresql.start, server_folder / "data", user, first.port, "")
        await asyncio.wait_for(accepting, 30)
        await stages.until("committed", 2)
        said = [message.text for message in await store.history.messages("web", "anna-1")]
        assert said == ["before", "before", "while it is gone", "while it is gone"]
    await asyncio.to_thread(second.stop)


async def limit_pages(store: Store, pages: int) -> None:
    """A disk that has no more than so many pages for the database."""
    await store.database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").all())


async def fill(store: Store) -> int:
    """Sends messages until the disk is full; how many were accepted."""
    for number in range(1000):
        try:
            await store.inbox.accept(incoming("x" * 4000, external_id=str(number)))
        except StorageError as error:
            if "is full" in str(error):
                return number
            raise
    raise AssertionError("The disk does not get full.")


async def test_a_full_disk_is_a_clear_error_and_everything_goes_on_when_there_is_space(sqlite_url: str) -> None:
    streams, stages = LocalStreams(), Stages()
    async with opened(sqlite_url, streams) as store:
        await limit_pages(store, 1)  # SQLite takes the present size at least
        accepted = await fill(store)
        assert len(await store.history.messages("web", "anna-1", limit=500)) == accepted
        async with Workers(store.turns, Scripted(echo), streams, FOUR, on_stage=stages).running():
            await asyncio.sleep(0.5)  # the workers try in vain
            await limit_pages(store, 1_000_000)
            await store.inbox.accept(incoming("x" * 4000, external_id=str(accepted)))
            await unhandled_to_zero(store)
        roles = [message.role for message in await store.history.messages("web", "anna-1", limit=500)]
        assert roles.count("user") == accepted + 1


async def unhandled_to_zero(store: Store) -> None:
    async with asyncio.timeout(30):
        while (await store.history.counts()).unhandled:
            await store.turns.wait(0.05)
