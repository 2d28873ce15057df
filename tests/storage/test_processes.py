"""Two stores on one PostgreSQL stand for two processes: they share nothing but the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.messages import Finished
from bot.streams import LocalStreams
from storage import Store
from tests.storage.examples import MovableClock, answered, draft, incoming, opened

pytestmark = pytest.mark.postgresql


@pytest.fixture
def here() -> LocalStreams:
    return LocalStreams()


@pytest.fixture
async def stores(postgresql_url: str, here: LocalStreams, clock: MovableClock) -> AsyncIterator[tuple[Store, Store]]:
    """Both have begun to listen when a test begins: a bell rings by itself then."""
    async with opened(postgresql_url, here, clock) as one, opened(postgresql_url, LocalStreams(), clock) as other:
        for store in (one, other):
            await asyncio.wait_for(store.turns.wait(60), 30)
        yield one, other


async def test_a_message_wakes_the_workers_of_other_processes(stores: tuple[Store, Store]) -> None:
    one, other = stores
    assert await other.turns.claim("worker") is None
    waiting = asyncio.create_task(other.turns.wait(60))
    await one.inbox.accept(incoming())
    await asyncio.wait_for(waiting, 10)
    assert await other.turns.claim("worker") is not None


async def test_a_reply_wakes_the_senders_of_other_processes(stores: tuple[Store, Store]) -> None:
    one, other = stores
    assert await one.outbox.due("api", 10) == []
    waiting = asyncio.create_task(one.outbox.wait("api", 60))
    await other.inbox.accept(incoming())
    await answered(other)
    await asyncio.wait_for(waiting, 10)
    assert len(await one.outbox.due("api", 10)) == 1


async def test_who_waits_for_a_reply_gets_it_from_the_process_that_made_it(
    stores: tuple[Store, Store], here: LocalStreams
) -> None:
    one, other = stores
    accepted = await one.inbox.accept(incoming())
    async with here.subscribe(accepted.conversation_id) as events:
        reply = await answered(other)
        finished = await asyncio.wait_for(anext(events), 10)
    assert finished == Finished(accepted.conversation_id, reply, (accepted.message_id,))


async def test_a_conversation_is_claimed_by_one_of_many(stores: tuple[Store, Store]) -> None:
    for number in range(20):
        await stores[0].inbox.accept(incoming(conversation=f"c{number}", user=f"u{number}"))
    claims = [store.turns.claim(f"worker {number}") for number in range(20) for store in stores]
    turns = [turn for turn in await asyncio.gather(*claims) if turn]
    assert len({turn.conversation.id for turn in turns}) == len(turns) == 20


async def test_both_take_in_the_same_people_and_messages_at_once(stores: tuple[Store, Store]) -> None:
    """Webhooks are sent again to whichever process is free; both may make the same person first."""
    messages = [incoming(str(n), conversation=f"c{n % 7}", user=f"u{n % 7}") for n in range(70)]
    accepted = await asyncio.gather(*[store.inbox.accept(message) for message in messages for store in stores])
    assert len({each.message_id for each in accepted}) == 70
    assert sum(not each.duplicate for each in accepted) == 70
    for name in range(7):
        said = await stores[0].history.messages("api", f"c{name}")
        assert [message.number for message in said] == list(range(1, 11))


async def test_commits_and_messages_at_once_keep_the_numbers(stores: tuple[Store, Store]) -> None:
    one, other = stores
    await asyncio.gather(*[one.inbox.accept(incoming(conversation=f"c{n}")) for n in range(10)])
    turns = [turn for turn in [await other.turns.claim("worker") for _ in range(10)] if turn]
    commits = [other.turns.commit(turn, draft()) for turn in turns]
    more = [one.inbox.accept(incoming("more", conversation=f"c{n}")) for n in range(10)]
    await asyncio.gather(*commits, *more)
    for number in range(10):
        said = await one.history.messages("api", f"c{number}")
        assert [message.number for message in said] == [1, 2, 3]
