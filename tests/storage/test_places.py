"""Conversations that a platform moves or closes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.errors import InvalidMessage
from storage import Store
from storage.tables import Conversations
from tests.storage.examples import MovableClock, answered, due, incoming


async def ask(store: Store, conversation: str, text: str = "hello") -> str:
    return (await store.inbox.accept(incoming(text, conversation=conversation))).conversation_id


async def unreachable(store: Store) -> list[str]:
    query = (
        select(Conversations.external_id)
        .where(Conversations.unreachable_since.is_not(None))
        .order_by(Conversations.external_id)
    )
    return list(await store.database.read(lambda connection: connection.scalars(query).all()))


async def test_a_moved_place_takes_its_conversations_and_what_is_due_along(store: Store) -> None:
    mine = await ask(store, "-5/0/anna")
    await answered(store, "to be sent")
    await store.places.moved("api", "-5", "-1005")
    assert await ask(store, "-1005/0/anna") == mine
    delivery = await due(store)
    assert (delivery.target, delivery.reply.conversation_id) == ("-1005/0/anna", "-1005/0/anna")


async def test_only_the_place_and_what_is_below_it_moves(store: Store) -> None:
    names = ["5", "5/0/anna", "55/0/anna", "5_", "other/5", "5%/x"]
    before = [await ask(store, name) for name in names]
    await store.places.moved("api", "5", "7")
    await store.places.moved("web", "55", "8")
    after = [await ask(store, name) for name in ["7", "7/0/anna", *names[2:]]]
    assert after == before


async def test_a_reply_that_is_shown_at_the_old_place_is_sent_anew_at_the_new_one(store: Store) -> None:
    """Ids of messages begin anew in the place to which a group has moved."""
    here = await ask(store, "5/0/anna", "one")
    await store.progress.opened(here, "17")
    await store.places.moved("api", "5", "7")
    await answered(store)
    shown = await due(store)
    await store.outbox.sent(shown, "18")
    here = await ask(store, "7/0/anna", "two")
    await store.progress.opened(here, "19")
    await answered(store)
    await store.places.moved("api", "7", "8")
    assert (shown.opened, (await due(store)).opened) == (None, None)


async def test_a_place_that_was_written_to_under_its_new_id_already_stays_its_own(store: Store) -> None:
    old = await ask(store, "5/0/anna")
    await answered(store, "to be sent")
    new = await ask(store, "7/0/anna")
    await store.places.moved("api", "5", "7")
    assert (await ask(store, "5/0/anna"), await ask(store, "7/0/anna")) == (old, new)
    assert (await due(store)).target == "7/0/anna"


async def test_moving_to_where_it_is_changes_nothing(store: Store) -> None:
    here = await ask(store, "5")
    await store.progress.opened(here, "17")
    await store.places.moved("api", "5", "5")
    await answered(store)
    assert (await due(store)).opened == "17"


@pytest.mark.parametrize("place", ["", "x" * 256, "a\x00b"])
async def test_a_place_that_cannot_be_a_key_is_refused(store: Store, place: str) -> None:
    with pytest.raises(InvalidMessage):
        await store.places.moved("api", "5", place)


async def test_what_is_due_at_an_unreachable_place_is_parked_with_the_reason(store: Store) -> None:
    for name in ("5/0/anna", "5/0/ben", "6/0/anna"):
        await ask(store, name)
        await answered(store, f"to {name}")
    await store.outbox.due("api", 1)
    await store.places.unreachable("api", "5", "The bot was removed from the group.")
    parked = await store.history.parked()
    assert {(each.target, each.reason) for each in parked} == {
        ("5/0/anna", "The bot was removed from the group."),
        ("5/0/ben", "The bot was removed from the group."),
    }
    assert (await due(store)).target == "6/0/anna"
    assert await unreachable(store) == ["5/0/anna", "5/0/ben"]


async def test_a_customer_who_writes_again_can_be_reached_again(store: Store, clock: MovableClock) -> None:
    for name in ("5", "6"):
        await ask(store, name)
    await store.places.unreachable("api", "5", "blocked")
    await store.places.unreachable("api", "6", "blocked")
    await ask(store, "5", "I am back")
    assert await unreachable(store) == ["6"]


async def test_operators_see_that_a_customer_cannot_be_reached(store: Store, clock: MovableClock) -> None:
    here = await ask(store, "5")
    assert (await store.desk.thread(here)).overview.unreachable_since is None
    await store.places.unreachable("api", "5", "blocked")
    assert (await store.desk.thread(here)).overview.unreachable_since == clock()


async def test_a_place_where_nobody_wrote_may_be_closed(store: Store) -> None:
    await store.places.unreachable("api", "5", "blocked\x00")
    assert await unreachable(store) == []
