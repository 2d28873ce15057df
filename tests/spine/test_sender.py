from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.errors import DeliveryError, RetryLater, Undeliverable
from bot.messages import Delivery
from bot.retrying import backoff
from bot.sender import Sender, SenderRules
from bot.streams import LocalStreams
from storage import Store
from storage.tables import Deliveries
from tests.spine.examples import Recorder, Stages, draft, incoming, opened

QUICK = SenderRules(first_delay=0.01, longest_delay=0.02, drain=5)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened(database_url, LocalStreams()) as store:
        yield store


async def reply(store: Store, text: str, conversation: str = "anna-1") -> None:
    """Stores a reply that has to be delivered."""
    await store.inbox.accept(incoming(text, conversation))
    turn = await store.turns.claim("worker")
    assert turn is not None
    await store.turns.commit(turn, draft(text))


def failing(*errors: Exception) -> Recorder:
    """A platform that fails in these ways, one after the other, and then takes everything."""
    remaining = list(errors)

    async def answer(delivery: Delivery) -> str:
        if remaining:
            raise remaining.pop(0)
        return "17"

    return Recorder(answer)


async def stored(store: Store) -> tuple[str, datetime, int]:
    """State, next time and attempts of the one delivery."""
    query = select(Deliveries.state, Deliveries.due_at, Deliveries.attempts)
    row = await store.database.read(lambda connection: connection.execute(query).one())
    return row.state, row.due_at, row.attempts


async def parked(store: Store) -> list[str]:
    async with asyncio.timeout(30):
        while not (found := await store.history.parked()):
            await store.outbox.wait("web", 0.05)
    return [each.reason for each in found]


async def test_a_reply_is_delivered_and_recorded(store: Store) -> None:
    channel, stages = Recorder(), Stages()
    async with Sender(store.outbox, channel, QUICK, on_stage=stages).running():
        await reply(store, "hello")
        assert await channel.texts(1) == ["hello"]
    assert stages.passed == ["delivering", "delivered"]
    assert (await store.history.counts()).due_deliveries == 0


async def test_a_conversations_replies_are_delivered_in_their_order_whatever_fails(store: Store) -> None:
    channel = failing(OSError("no route"), RetryLater("flood", 0.01), TimeoutError(), DeliveryError("500"))
    for text in ("one", "two", "three"):
        await reply(store, text)
    async with Sender(store.outbox, channel, QUICK).running():
        assert await channel.texts(3) == ["one", "two", "three"]
    assert [each.reply.text for each in channel.tried[:5]] == ["one"] * 5


async def test_one_conversation_that_fails_does_not_hold_up_the_others(store: Store) -> None:
    async def answer(delivery: Delivery) -> None:
        if delivery.target == "slow":
            await asyncio.Event().wait()

    channel = Recorder(answer)
    await reply(store, "never", "slow")
    for name in "abc":
        await reply(store, name, name)
    rules = SenderRules(drain=0.01)
    async with Sender(store.outbox, channel, rules).running():
        assert sorted(await channel.texts(3)) == ["a", "b", "c"]


async def test_the_platforms_own_word_on_when_is_obeyed_and_not_counted(store: Store) -> None:
    channel = failing(RetryLater("flood", 3600))
    await reply(store, "hello")
    stages = Stages()
    async with Sender(store.outbox, channel, QUICK, on_stage=stages).running():
        await stages.until("delivering")
    before = datetime.now(UTC) + timedelta(minutes=59)
    state, due_at, attempts = await stored(store)
    assert due_at > before
    assert (state, attempts) == ("due", 0)


async def test_what_can_never_be_delivered_is_parked_with_its_reason(store: Store) -> None:
    channel = failing(Undeliverable("The customer has blocked the bot."))
    await reply(store, "hello")
    async with Sender(store.outbox, channel, QUICK).running():
        assert await parked(store) == ["The customer has blocked the bot."]
    assert len(channel.tried) == 1


async def test_after_many_attempts_a_delivery_is_parked(store: Store) -> None:
    channel = failing(*[OSError("no route")] * 10)
    await reply(store, "hello")
    rules = SenderRules(most_attempts=3, first_delay=0.01, longest_delay=0.02)
    async with Sender(store.outbox, channel, rules).running():
        assert await parked(store) == ["Given up after 3 attempts. no route"]
    assert len(channel.tried) == 3


async def test_a_platform_that_does_not_answer_is_tried_again(store: Store) -> None:
    async def answer(delivery: Delivery) -> None:
        if len(channel.tried) == 1:
            await asyncio.Event().wait()

    channel = Recorder(answer)
    await reply(store, "hello")
    rules = SenderRules(timeout=0.05, first_delay=0.01, longest_delay=0.02)
    async with Sender(store.outbox, channel, rules).running():
        assert await channel.texts(1) == ["hello"]
    assert len(channel.tried) == 2


async def test_not_more_than_so_many_are_under_way_at_once(store: Store) -> None:
    running = most = 0

    async def answer(delivery: Delivery) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    channel = Recorder(answer)
    for number in range(9):
        await reply(store, str(number), f"c{number}")
    async with Sender(store.outbox, channel, SenderRules(concurrency=3)).running():
        await channel.texts(9)
    assert most == 3


async def test_stopping_finishes_what_is_under_way(store: Store) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def answer(delivery: Delivery) -> None:
        started.set()
        await may_end.wait()

    channel = Recorder(answer)
    await reply(store, "hello")
    async with Sender(store.outbox, channel, QUICK).running():
        await started.wait()
        asyncio.get_running_loop().call_later(0.05, may_end.set)
    assert len(channel.taken) == 1
    assert (await store.history.counts()).due_deliveries == 0


async def test_waiting_grows_to_its_limit_and_is_spread() -> None:
    for tries in (0, 1, 5, 1000):
        waits = [backoff(tries, first=1, longest=60) for _ in range(300)]
        longest = min(60, 2**tries) if tries < 100 else 60
        assert all(0 <= wait <= longest for wait in waits)
        assert max(waits) > longest * 0.7
        assert min(waits) < longest * 0.3
