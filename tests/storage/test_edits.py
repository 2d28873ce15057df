"""A message that its writer edits before it is answered."""

from __future__ import annotations

import asyncio

from bot.messages import Turn
from storage import Store
from tests.storage.examples import answered, claimed, due, incoming


def words(turn: Turn) -> tuple[list[str], list[str]]:
    """What is asked, and what was said before."""
    return [message.text for message in turn.messages], [message.text for message in turn.history]


async def test_the_turn_holds_only_the_edited_form(store: Store) -> None:
    await store.inbox.accept(incoming("Where is my ordr?", origin="1"))
    await store.inbox.accept(incoming("Where is my order?", origin="1", replaces="1"))
    assert words(await claimed(store)) == (["Where is my order?"], [])


async def test_the_first_form_is_kept_but_is_no_part_of_later_conversation(store: Store) -> None:
    await store.inbox.accept(incoming("ordr?", origin="1"))
    await store.inbox.accept(incoming("order?", origin="1", replaces="1"))
    await answered(store, "On its way.")
    await store.inbox.accept(incoming("thanks"))
    assert words(await claimed(store)) == (["thanks"], ["order?", "On its way."])
    assert [each.text for each in await store.history.messages("api", "anna-1")][:2] == ["ordr?", "order?"]


async def test_a_message_may_be_edited_several_times_even_within_one_batch(store: Store) -> None:
    forms = [incoming("a", origin="1"), *(incoming(text, origin="1", replaces="1") for text in ("b", "c"))]
    await asyncio.gather(*[store.inbox.accept(form) for form in forms])
    await store.inbox.accept(incoming("d", origin="1", replaces="1"))
    assert words(await claimed(store)) == (["d"], [])


async def test_other_messages_and_other_conversations_stay_as_they_are(store: Store) -> None:
    await store.inbox.accept(incoming("first", origin="1"))
    await store.inbox.accept(incoming("second", origin="2"))
    await store.inbox.accept(incoming("no origin"))
    await store.inbox.accept(incoming("ben's", origin="1", conversation="ben-1", user="ben"))
    await store.inbox.accept(incoming("second, edited", origin="2", replaces="2"))
    assert words(await claimed(store))[0] == ["first", "no origin", "second, edited"]
    assert words(await claimed(store))[0] == ["ben's"]


async def test_an_edit_while_the_reply_is_made_is_answered_afterwards(store: Store) -> None:
    await store.inbox.accept(incoming("order?", origin="1"))
    turn = await claimed(store)
    await store.inbox.accept(incoming("order 17?", origin="1", replaces="1"))
    await store.turns.release(turn.claim)
    assert words(await claimed(store))[0] == ["order?", "order 17?"]


async def test_an_edit_of_an_answered_message_is_a_new_message(store: Store) -> None:
    await store.inbox.accept(incoming("order?", origin="1"))
    reply = await answered(store)
    await store.inbox.accept(incoming("order 17?", origin="1b", replaces="1"))
    assert words(await claimed(store)) == (["order 17?"], ["order?", reply.text])


async def test_a_redelivered_first_form_comes_back_as_a_duplicate(store: Store) -> None:
    first = await store.inbox.accept(incoming("a", external_id="1", origin="1"))
    await store.inbox.accept(incoming("b", external_id="1-edited", origin="1", replaces="1"))
    again = await store.inbox.accept(incoming("a", external_id="1", origin="1"))
    assert (again.duplicate, again.message_id) == (True, first.message_id)
    assert words(await claimed(store))[0] == ["b"]


async def test_a_delivery_carries_the_origin_of_the_last_message_that_it_answers(store: Store) -> None:
    await store.inbox.accept(incoming("one", origin='{"id": 1}'))
    await store.inbox.accept(incoming("two", origin='{"id": 2}'))
    await answered(store)
    assert (await due(store)).origin == '{"id": 2}'
