"""The pictures that the bot has made: stored with the reply, counted, found by their files."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import LeaseLost
from bot.messages import Attachment, NewPicture
from storage import Store
from tests.storage.examples import MovableClock, answered, claimed, draft, incoming


def picture(name: str, seed: int = 7) -> NewPicture:
    return NewPicture(f"digest-{name}", f"file:{name}", "vae weights", "vae", seed, ("dress", "red"), ("file:photo",))


def shown(*pictures: NewPicture) -> tuple[Attachment, ...]:
    return tuple(Attachment("image", each.url, "image/png") for each in pictures)


async def test_a_replys_pictures_are_stored_with_it_in_their_order(store: Store, clock: MovableClock) -> None:
    drawn = tuple(picture(name, seed) for seed, name in enumerate("dcab"))
    asked = await store.inbox.accept(incoming())
    await answered(store, drawn=drawn, attachments=shown(*drawn))
    assert await store.pictures.latest(asked.conversation_id) == list(drawn)
    assert await store.pictures.find("digest-a") == drawn[2]
    assert await store.pictures.find("digest-e") is None


async def test_the_latest_pictures_are_those_of_the_latest_reply_that_has_any(store: Store) -> None:
    asked = await store.inbox.accept(incoming())
    assert await store.pictures.latest(asked.conversation_id) == []
    for name in "ab":
        await answered(store, drawn=(picture(name),), attachments=shown(picture(name)))
        await store.inbox.accept(incoming())
    await answered(store)
    assert await store.pictures.latest(asked.conversation_id) == [picture("b")]


async def test_pictures_of_a_reply_that_is_not_stored_are_not_stored_either(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming())
    turn = await claimed(store)
    clock.forward(60)
    await answered(store)
    with pytest.raises(LeaseLost):
        await store.turns.commit(turn, draft(drawn=(picture("a"),)))
    assert await store.pictures.find("digest-a") is None


async def test_pictures_are_counted_by_customer_since_a_time(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming())
    turn = await claimed(store)
    await store.turns.commit(turn, draft(drawn=(picture("a"), picture("b"))))
    customer, began = turn.conversation.customer_id, clock()
    assert await store.pictures.made_since(customer, began) == 2
    assert await store.pictures.made_for("api", "anna", began) == 2
    assert await store.pictures.made_since("u_other", began) == 0
    assert await store.pictures.made_since(customer, began + timedelta(seconds=1)) == 0


async def test_pictures_without_a_reply_belong_to_the_channels_user_if_there_is_one(
    store: Store, clock: MovableClock
) -> None:
    await store.pictures.record([])
    await store.pictures.record([picture("a")])
    await store.pictures.record([picture("b"), picture("c")], channel="openai", user="ann\x00")
    assert await store.pictures.made_for("openai", "ann\x00", clock()) == 2
    assert await store.pictures.made_for("openai", "bob", clock()) == 0
    assert await store.pictures.find("digest-a") == picture("a")
