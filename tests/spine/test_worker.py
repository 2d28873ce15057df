from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text, update

from bot.errors import StorageError
from bot.messages import Delta, Draft, Finished, Turn
from bot.protocols import Publish
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.worker import Workers
from storage import Store
from storage.tables import Conversations
from tests.spine.examples import Scripted, Stages, draft, echo, incoming, opened

EIGHT = WorkersSection(count=8, lease_seconds=30, drain_seconds=5)


@pytest.fixture
def streams() -> LocalStreams:
    return LocalStreams()


@pytest.fixture
async def store(database_url: str, streams: LocalStreams) -> AsyncIterator[Store]:
    async with opened(database_url, streams) as store:
        yield store


async def texts(store: Store, conversation: str = "anna-1") -> list[str]:
    return [message.text for message in await store.history.messages("web", conversation)]


async def test_a_message_is_answered_and_its_words_are_published_on_the_way(
    store: Store, streams: LocalStreams
) -> None:
    async with Workers(store.turns, Scripted(echo), streams, EIGHT).running():
        accepted = await store.inbox.accept(incoming("hello"))
        async with streams.subscribe(accepted.conversation_id) as events, asyncio.timeout(30):
            seen = [await anext(events)]
            while not isinstance(seen[-1], Finished):
                seen.append(await anext(events))
    assert seen[-1].reply.text == "hello"
    assert seen[:-1] in ([], [Delta(accepted.conversation_id, "hello")])


async def test_each_stage_of_a_turn_is_observed(store: Store, streams: LocalStreams) -> None:
    stages = Stages()
    async with Workers(store.turns, Scripted(echo), streams, EIGHT, on_stage=stages).running():
        await store.inbox.accept(incoming("hello"))
        await stages.until("committed")
    assert stages.passed == ["claimed", "drafted", "committed"]


async def test_a_conversation_keeps_its_order_while_others_go_on(store: Store, streams: LocalStreams) -> None:
    stages = Stages()
    async with Workers(store.turns, Scripted(echo), streams, EIGHT, on_stage=stages).running():
        for number in range(10):
            await asyncio.gather(*[store.inbox.accept(incoming(str(number), name)) for name in "abcdefgh"])
        while (await store.history.counts()).unhandled:
            await store.turns.wait(0.05)
    for name in "abcdefgh":
        said = await store.history.messages("web", name)
        replied = [number for message in said if message.role == "assistant" for number in message.text.split(" / ")]
        assert replied == [str(number) for number in range(10)]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), asyncio.CancelledError()])
async def test_an_error_of_the_pipeline_becomes_an_apology(
    store: Store, streams: LocalStreams, error: BaseException
) -> None:
    async def fail(turn: Turn, publish: Publish) -> Draft:
        raise error

    stages = Stages()
    async with Workers(store.turns, Scripted(fail), streams, EIGHT, on_stage=stages).running():
        await store.inbox.accept(incoming("hello"))
        await stages.until("committed")
    assert await texts(store) == ["hello", "Sorry."]


async def test_a_turn_that_kills_its_process_is_given_up_with_an_apology(store: Store, streams: LocalStreams) -> None:
    """Each claim of a process that died counts; nobody else counts them."""
    await store.inbox.accept(incoming("hello"))
    await store.database.write(lambda connection: connection.execute(update(Conversations).values(attempts=3)))
    stages = Stages()
    async with Workers(store.turns, Scripted(echo), streams, EIGHT, on_stage=stages).running():
        await stages.until("committed")
    assert await texts(store) == ["hello", "Sorry."]


async def test_a_long_turn_keeps_its_lease(database_url: str, streams: LocalStreams) -> None:
    started, may_end, claims = asyncio.Event(), asyncio.Event(), []

    async def slow(turn: Turn, publish: Publish) -> Draft:
        claims.append(turn.claim)
        started.set()
        await may_end.wait()
        return draft("at last")

    settings = WorkersSection(count=2, lease_seconds=1, drain_seconds=5)
    stages = Stages()
    async with opened(database_url, streams, lease_seconds=1) as store:
        async with Workers(store.turns, Scripted(slow), streams, settings, on_stage=stages).running():
            await store.inbox.accept(incoming("hello"))
            await started.wait()
            await asyncio.sleep(2.5)  # longer than two leases: what is tested is the passing of time
            may_end.set()
            await stages.until("committed")
        assert await texts(store) == ["hello", "at last"]
    assert len(claims) == 1


async def test_a_worker_that_lost_its_lease_drops_its_draft_and_its_words(
    database_url: str, streams: LocalStreams
) -> None:
    started, publishers = asyncio.Event(), []

    async def slow(turn: Turn, publish: Publish) -> Draft:
        publishers.append(publish)
        started.set()
        await asyncio.Event().wait()
        return draft("never")

    settings = WorkersSection(count=1, lease_seconds=0.3, drain_seconds=0)
    stages = Stages()
    async with opened(database_url, streams) as store:
        accepted = await store.inbox.accept(incoming("hello"))
        async with Workers(store.turns, Scripted(slow), streams, settings, on_stage=stages).running():
            await started.wait()
            await store.database.write(
                lambda connection: connection.execute(
                    update(Conversations).values(fence=Conversations.fence + 1, lease_owner=None, due_at=None)
                )
            )
            await store.inbox.accept(incoming("to see the worker go on", "other"))
            await stages.until("claimed", 2)
        async with streams.subscribe(accepted.conversation_id) as events:
            publishers[0]("late words")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(events), 0.05)
        assert await texts(store) == ["hello"]


async def test_stopping_finishes_the_turn_that_is_under_way(store: Store, streams: LocalStreams) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def slow(turn: Turn, publish: Publish) -> Draft:
        started.set()
        await may_end.wait()
        return draft("done")

    async with Workers(store.turns, Scripted(slow), streams, EIGHT).running():
        await store.inbox.accept(incoming("hello"))
        await started.wait()
        asyncio.get_running_loop().call_later(0.1, may_end.set)
    assert await texts(store) == ["hello", "done"]


async def test_stopping_gives_back_what_does_not_end_in_time(store: Store, streams: LocalStreams) -> None:
    started = asyncio.Event()

    async def endless(turn: Turn, publish: Publish) -> Draft:
        started.set()
        await asyncio.Event().wait()
        return draft("never")

    settings = WorkersSection(count=2, lease_seconds=30, drain_seconds=0.05)
    async with Workers(store.turns, Scripted(endless), streams, settings).running():
        await store.inbox.accept(incoming("hello"))
        await started.wait()
    turn = await store.turns.claim("the next process")
    assert turn is not None
    assert turn.attempts == 0


async def test_idle_workers_stop_at_once(store: Store, streams: LocalStreams) -> None:
    async with asyncio.timeout(2), Workers(store.turns, Scripted(echo), streams, EIGHT).running():
        await asyncio.sleep(0)


async def test_messages_wait_while_the_database_is_locked_and_are_answered_then(
    sqlite_url: str, streams: LocalStreams
) -> None:
    """Another process holds SQLite's write lock."""
    async with opened(sqlite_url, streams) as store, opened(sqlite_url, streams) as other:
        stages = Stages()
        async with Workers(store.turns, Scripted(echo), streams, EIGHT, on_stage=stages).running():
            unlocked = asyncio.Event()
            loop = asyncio.get_running_loop()

            def hold(connection: object) -> None:
                asyncio.run_coroutine_threadsafe(unlocked.wait(), loop).result(30)

            holding = asyncio.create_task(other.database.write(hold))
            accepting = asyncio.create_task(store.inbox.accept(incoming("hello")))
            await asyncio.sleep(3)  # longer than SQLite's own patience: what is tested is the passing of time
            assert not accepting.done()
            unlocked.set()
            await asyncio.gather(holding, accepting)
            await stages.until("committed")
        assert await texts(store) == ["hello", "hello"]


async def test_a_database_that_stays_locked_is_a_clear_error(sqlite_url: str, streams: LocalStreams) -> None:
    async with opened(sqlite_url, streams, patience_seconds=0.1) as store, opened(sqlite_url, streams) as other:
        locked, unlocked = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold(connection: object) -> None:
            loop.call_soon_threadsafe(locked.set)
            asyncio.run_coroutine_threadsafe(unlocked.wait(), loop).result(30)

        holding = asyncio.create_task(other.database.write(hold))
        await locked.wait()
        with pytest.raises(StorageError, match="locked by another process"):
            await store.inbox.accept(incoming("hello"))
        unlocked.set()
        await holding
        assert await texts(store) == []
        assert await store.database.read(lambda connection: connection.execute(text("SELECT 1")).scalar()) == 1
