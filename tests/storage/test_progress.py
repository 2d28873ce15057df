"""Replies that a platform shows already, in whole or in part."""

from __future__ import annotations

import asyncio

from bot.messages import Accepted, Opening
from storage import Store
from tests.storage.examples import LEASE, MovableClock, answered, claimed, draft, due, incoming

DELIVERY_LEASE = 60.0


async def asked(store: Store, text: str = "hello") -> Accepted:
    return await store.inbox.accept(incoming(text))


async def test_the_delivery_is_told_where_its_reply_is_shown(store: Store) -> None:
    here = (await asked(store)).conversation_id
    turn = await claimed(store)
    await store.progress.opened(here, "p1")
    await store.turns.commit(turn, draft())
    assert (await due(store)).opened == "p1"


async def test_only_one_reply_takes_over_what_was_opened(store: Store) -> None:
    here = (await asked(store)).conversation_id
    await store.progress.opened(here, "p1")
    await answered(store)
    await store.outbox.sent(await due(store), "p1")
    await asked(store, "and now?")
    await answered(store)
    assert (await due(store)).opened is None


async def test_after_a_lost_worker_the_next_claim_goes_on_in_the_same_message(
    store: Store, clock: MovableClock
) -> None:
    here = (await asked(store)).conversation_id
    await claimed(store, "lost")
    await store.progress.opened(here, "p1")
    clock.forward(LEASE)
    await asked(store, "are you there?")
    await answered(store)
    assert (await due(store)).opened == "p1"


async def test_the_last_message_opened_counts(store: Store) -> None:
    here = (await asked(store)).conversation_id
    await store.progress.opened(here, "p1")
    await store.progress.opened(here, "p2")
    await answered(store)
    assert (await due(store)).opened == "p2"


async def test_the_next_reply_may_be_shown_when_those_before_it_have_been_sent(store: Store) -> None:
    here = (await asked(store)).conversation_id
    assert await store.progress.opening(here) == Opening()
    await answered(store)
    await asked(store, "and now?")
    assert (await store.progress.opening(here)).must_wait
    await store.outbox.sent(await due(store), "p1")
    assert not (await store.progress.opening(here)).must_wait


async def test_a_reply_that_is_shown_already_is_found_again(store: Store) -> None:
    here = (await asked(store)).conversation_id
    await store.progress.opened(here, "p1")
    assert (await store.progress.opening(here)).platform_id == "p1"
    await answered(store)
    assert (await store.progress.opening(here)).platform_id is None


async def test_an_unknown_conversation_shows_nothing(store: Store) -> None:
    assert await store.progress.opening("c_none") == Opening()


async def test_what_was_opened_is_left_when_a_person_takes_over(store: Store) -> None:
    """The bot's reply never comes, and the one to a later message must not be written into the old one."""
    here = (await asked(store)).conversation_id
    await claimed(store)
    await store.progress.opened(here, "p1")
    await store.desk.take(here)
    await store.progress.opened(here, "p1")
    await store.desk.hand_back(here)
    await asked(store, "hello again")
    await answered(store)
    assert (await due(store)).opened is None


async def test_said_after_the_reply_was_stored_it_reaches_that_replys_delivery(store: Store) -> None:
    first = await asked(store, "one")
    await answered(store, "1")
    second = await asked(store, "two")
    await store.progress.opened(first.conversation_id, "p1", first.message_id)
    await store.progress.opened(second.conversation_id, "p2", second.message_id)
    await answered(store, "2")
    shown = []
    for _ in range(2):
        delivery = await due(store)
        shown.append((delivery.reply.text, delivery.opened))
        await store.outbox.sent(delivery, delivery.opened)
    assert shown == [("1", "p1"), ("2", "p2")]


async def test_said_after_the_reply_was_sent_it_changes_nothing(store: Store) -> None:
    first = await asked(store, "one")
    await answered(store, "1")
    await store.outbox.sent(await due(store), "p1")
    await asked(store, "two")
    await store.progress.opened(first.conversation_id, "p0", first.message_id)
    await answered(store, "2")
    assert (await due(store)).opened is None


async def test_an_unknown_conversation_or_message_is_ignored(store: Store) -> None:
    here = (await asked(store)).conversation_id
    await store.progress.opened("c_none", "p1", "m_none")
    await store.progress.opened(here, "p2", "m_none")
    await answered(store)
    assert (await due(store)).opened == "p2"


async def test_parts_that_were_sent_come_back_in_order_with_the_next_try(store: Store, clock: MovableClock) -> None:
    await asked(store)
    await answered(store)
    first = await due(store)
    for part in ("p3", "p1", "p2"):
        await store.progress.sent_part(first, part)
    clock.forward(DELIVERY_LEASE)
    again = await due(store)
    assert (first.parts, again.parts) == ((), ("p3", "p1", "p2"))


async def test_a_part_that_is_recorded_twice_is_one_part(store: Store, clock: MovableClock) -> None:
    await asked(store)
    await answered(store)
    delivery = await due(store)
    await asyncio.gather(*[store.progress.sent_part(delivery, "p1") for _ in range(3)])
    clock.forward(DELIVERY_LEASE)
    assert (await due(store)).parts == ("p1",)


async def test_ids_of_any_length_and_kind_are_stored(store: Store) -> None:
    here = (await asked(store)).conversation_id
    for strange in ("\x00", "\ud800", "x" * 10_000):
        await store.progress.opened(here, strange)
    await answered(store)
    delivery = await due(store)
    await store.progress.sent_part(delivery, "y" * 10_000)
    await store.outbox.sent(delivery, "z" * 10_000)
    assert delivery.opened == "x" * 255
