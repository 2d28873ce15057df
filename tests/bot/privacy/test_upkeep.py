"""What a running bot does about people's data by itself, with a clock that a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.privacy.eraser import PersonEraser
from bot.privacy.signing import Signer
from bot.privacy.upkeep import RETENTION_EVERY, Upkeep
from bot.streams import LocalStreams
from storage import Store
from tests.storage.examples import MovableClock, answered, claimed, draft, due, incoming, opened


@pytest.fixture
async def store(database_url: str, clock: MovableClock, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, LocalStreams(), clock, files=tmp_path / "files") as store:
        yield store


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


class Cache:
    """Remembers whom it was told to forget."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def forget(self, customer_id: str) -> None:
        self.forgotten.append(customer_id)


def eraser(store: Store, clock: MovableClock, cache: Cache, folder: Path) -> PersonEraser:
    return PersonEraser(
        store.personal_data,
        Signer(b"secret"),
        [folder],
        forgetful=[cache],
        rewriting=False,
        is_server=not store.database.is_sqlite,
        clock=clock,
    )


async def conversations(store: Store) -> int:
    return len(await store.history.conversations())


async def test_old_conversations_are_dropped_once_an_hour(store: Store, clock: MovableClock) -> None:
    upkeep = Upkeep(store.personal_data, retention=timedelta(days=30), clock=clock)
    await store.inbox.accept(incoming())
    await answered(store)
    await upkeep.once()
    assert await conversations(store) == 1
    clock.forward(31 * 86400)
    await upkeep.once()
    assert await conversations(store) == 0


async def test_without_retention_everything_stays(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming())
    await answered(store)
    clock.forward(5000 * 86400)
    await Upkeep(store.personal_data, retention=None, clock=clock).once()
    assert await conversations(store) == 1


async def test_it_runs_as_a_task_that_ends_with_its_owner(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming())
    await answered(store)
    clock.forward(RETENTION_EVERY.total_seconds() * 100)
    async with asyncio.timeout(20), Upkeep(store.personal_data, retention=timedelta(hours=1), clock=clock).running():
        while await conversations(store):  # noqa: ASYNC110 -- only the database tells
            await asyncio.sleep(0.01)


async def test_other_processes_forget_who_was_erased(store: Store, clock: MovableClock, tmp_path: Path) -> None:
    here, elsewhere = Cache(), Cache()
    upkeep = Upkeep(store.personal_data, retention=None, forgetful=[elsewhere], clock=clock)
    await store.inbox.accept(incoming())
    (person,) = await store.personal_data.find("api:anna")
    report = await eraser(store, clock, here, tmp_path).erase(person.customer_id)
    assert Signer(b"secret").holds(report.content, report.signature)
    await upkeep.once()
    await upkeep.once()
    assert here.forgotten == elsewhere.forgotten == [person.customer_id]


async def test_the_last_reply_goes_when_it_has_arrived(store: Store, clock: MovableClock, tmp_path: Path) -> None:
    upkeep = Upkeep(store.personal_data, retention=None, clock=clock)
    await store.inbox.accept(incoming("/forget everything"))
    turn = await claimed(store)
    await eraser(store, clock, Cache(), tmp_path).erase(turn.conversation.customer_id, sparing=turn.conversation.id)
    await store.turns.commit(turn, draft("Everything is erased."))
    await upkeep.once()
    assert await conversations(store) == 1
    await store.outbox.sent(await due(store), None)
    await upkeep.once()
    assert await conversations(store) == 0
    assert await store.personal_data.find("api:anna") == []
