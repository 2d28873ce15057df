from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.messages import Delivery
from storage import Store
from storage.tables import Deliveries
from tests.storage.examples import MovableClock, answered, incoming

DELIVERY_LEASE = 60.0
DAY = 24 * 3600


async def say(store: Store, *texts: str, conversation: str = "anna-1") -> None:
    """Stores replies that have to be delivered."""
    for text in texts:
        await store.inbox.accept(incoming(conversation=conversation))
        await answered(store, text)


def said(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.reply.text for delivery in deliveries]


async def state(store: Store, delivery: Delivery) -> tuple[str, str | None, str | None]:
    columns = (Deliveries.state, Deliveries.platform_id, Deliveries.last_error)
    query = select(*columns).where(Deliveries.id == delivery.id)
    row = await store.database.read(lambda connection: connection.execute(query).one())
    return row.state, row.platform_id, row.last_error


async def test_a_reply_is_due_at_once_and_only_on_its_channel(store: Store) -> None:
    await say(store, "hello")
    assert await store.outbox.due("web", 10) == []
    (delivery,) = await store.outbox.due("api", 10)
    assert (delivery.target, delivery.reply.text, delivery.attempts) == ("anna-1", "hello", 0)


async def test_deliveries_of_a_conversation_come_one_at_a_time_in_order(store: Store) -> None:
    await say(store, "one", "two", "three")
    for text in ("one", "two", "three"):
        (delivery,) = await store.outbox.due("api", 10)
        assert delivery.reply.text == text
        assert await store.outbox.due("api", 10) == []
        await store.outbox.sent(delivery, None)
    assert await store.outbox.due("api", 10) == []


async def test_different_conversations_are_delivered_at_once(store: Store) -> None:
    for name in ("a", "b", "c"):
        await say(store, name, conversation=name)
    assert sorted(said(await store.outbox.due("api", 2))) == ["a", "b"]
    assert said(await store.outbox.due("api", 2)) == ["c"]


async def test_what_was_sent_is_recorded_with_the_platforms_id(store: Store) -> None:
    await say(store, "hello")
    (delivery,) = await store.outbox.due("api", 1)
    await store.outbox.sent(delivery, "17")
    assert await state(store, delivery) == ("sent", "17", None)


async def test_a_retry_waits_for_its_time_and_holds_back_what_follows(store: Store, clock: MovableClock) -> None:
    await say(store, "one", "two")
    (delivery,) = await store.outbox.due("api", 10)
    await store.outbox.retry(replace(delivery, attempts=1), clock() + timedelta(seconds=5), "no connection")
    clock.forward(4)
    assert await store.outbox.due("api", 10) == []
    clock.forward(1)
    (again,) = await store.outbox.due("api", 10)
    assert (again.reply.text, again.attempts) == ("one", 1)


async def test_a_parked_delivery_keeps_its_reason_and_lets_the_next_one_go(store: Store) -> None:
    await say(store, "one", "two")
    (delivery,) = await store.outbox.due("api", 10)
    await store.outbox.park(delivery, "The customer has blocked the bot.")
    assert said(await store.outbox.due("api", 10)) == ["two"]
    (parked,) = await store.history.parked()
    assert (parked.target, parked.reason) == ("anna-1", "The customer has blocked the bot.")


async def test_a_lost_senders_delivery_comes_back(store: Store, clock: MovableClock) -> None:
    await say(store, "hello")
    await store.outbox.due("api", 10)
    clock.forward(DELIVERY_LEASE)
    assert said(await store.outbox.due("api", 10)) == ["hello"]


async def test_a_sender_that_was_thought_lost_undoes_nothing(store: Store, clock: MovableClock) -> None:
    await say(store, "hello")
    (slow,) = await store.outbox.due("api", 10)
    clock.forward(DELIVERY_LEASE)
    (quick,) = await store.outbox.due("api", 10)
    await store.outbox.sent(quick, "17")
    await store.outbox.retry(slow, clock(), "timed out")
    await store.outbox.park(slow, "timed out")
    assert await state(store, quick) == ("sent", "17", None)


async def test_a_delivery_that_is_too_old_is_parked_instead_of_tried_again(store: Store, clock: MovableClock) -> None:
    await say(store, "hello")
    clock.forward(DAY - 10)
    (delivery,) = await store.outbox.due("api", 10)
    await store.outbox.retry(delivery, clock() + timedelta(seconds=60), "flood wait")
    (parked,) = await store.history.parked()
    assert parked.reason.endswith("flood wait")


async def test_waiting_ends_when_a_reply_is_stored(store: Store) -> None:
    await store.outbox.due("api", 10)
    waiting = asyncio.create_task(store.outbox.wait("api", 60))
    await say(store, "hello")
    await asyncio.wait_for(waiting, 5)


async def test_many_outcomes_are_recorded_together(store: Store, clock: MovableClock) -> None:
    for number in range(30):
        await say(store, str(number), conversation=f"c{number}")
    deliveries = await store.outbox.due("api", 100)
    outcomes = {
        0: lambda delivery: store.outbox.sent(delivery, delivery.reply.text),
        1: lambda delivery: store.outbox.park(delivery, "gone"),
        2: lambda delivery: store.outbox.retry(delivery, clock(), "later"),
    }
    await asyncio.gather(*[outcomes[number % 3](delivery) for number, delivery in enumerate(deliveries)])
    states = [(await state(store, delivery))[0] for delivery in deliveries]
    assert states == ["sent", "parked", "due"] * 10


@pytest.mark.parametrize("reason", ["\x00", "\ud800", "x" * 100_000])
async def test_any_reason_can_be_stored(store: Store, reason: str) -> None:
    await say(store, "hello")
    (delivery,) = await store.outbox.due("api", 1)
    await store.outbox.park(delivery, reason)
    assert 0 < len((await store.history.parked())[0].reason) <= 2000
