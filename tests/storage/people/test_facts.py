"""What customers have told of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.messages import Fact, FactKind, NewFact, Turn
from bot.protocols import SINGLE_VALUED
from storage import Store
from tests.storage.examples import MovableClock, claimed, draft, incoming


async def tell(store: Store, text: str, facts: Sequence[tuple[FactKind, str]], **more: Any) -> Turn:
    """A message that tells facts, and the reply that stores them."""
    await store.inbox.accept(incoming(text, **more))
    turn = await claimed(store)
    message = turn.messages[-1].id
    learned = [NewFact(kind, value, message, value, replaces_kind=kind in SINGLE_VALUED) for kind, value in facts]
    await store.turns.commit(turn, draft(learned=tuple(learned)))
    return turn


def values(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    return [(fact.kind, fact.value) for fact in facts]


async def test_a_fact_is_kept_with_its_words_its_message_and_its_time(store: Store, clock: MovableClock) -> None:
    turn = await tell(store, "I am Anna", [("name", "Anna")])
    (fact,) = await store.facts.known(turn.conversation)
    assert (fact.kind, fact.value, fact.quote) == ("name", "Anna", "Anna")
    assert (fact.message_id, fact.created_at, fact.ended_at) == (turn.messages[0].id, clock.now, None)


async def test_a_newer_name_takes_the_place_of_the_earlier_one_and_the_history_stays(
    store: Store, clock: MovableClock
) -> None:
    await tell(store, "I am Anna", [("name", "Anna")])
    clock.forward(60)
    turn = await tell(store, "I am Anne, in fact", [("name", "Anne")])
    assert values(await store.facts.known(turn.conversation)) == [("name", "Anne")]
    first, second = await store.facts.told(turn.conversation.customer_id)
    assert (first.value, first.ended_at) == ("Anna", clock.now)
    assert second.ended_at is None


async def test_orders_stand_beside_each_other(store: Store) -> None:
    await tell(store, "12345", [("order", "12345")])
    turn = await tell(store, "67890", [("order", "67890")])
    assert values(await store.facts.known(turn.conversation)) == [("order", "12345"), ("order", "67890")]


async def test_the_same_fact_again_is_not_stored_twice(store: Store) -> None:
    await tell(store, "Anna Berg", [("name", "Anna Berg"), ("product", "a green tent")])
    turn = await tell(store, "anna", [("name", "anna"), ("product", "A green  TENT"), ("product", "tent")])
    assert values(await store.facts.told(turn.conversation.customer_id)) == [
        ("name", "Anna Berg"),
        ("product", "a green tent"),
    ]


async def test_two_names_in_one_turn_are_told_one_after_the_other(store: Store) -> None:
    turn = await tell(store, "Anna, or Anne", [("name", "Anna"), ("name", "Anne")])
    assert values(await store.facts.known(turn.conversation)) == [("name", "Anne")]


async def test_a_forgotten_fact_keeps_no_words(store: Store, clock: MovableClock) -> None:
    turn = await tell(store, "I am Anna", [("name", "Anna"), ("order", "12345")])
    name, _ = await store.facts.known(turn.conversation)
    await store.inbox.accept(incoming("forget my name"))
    await store.turns.commit(await claimed(store), draft(ended=(name.id,)))
    assert values(await store.facts.known(turn.conversation)) == [("order", "12345")]
    forgotten = (await store.facts.told(turn.conversation.customer_id))[0]
    assert (forgotten.value, forgotten.quote, forgotten.ended_at) == ("", "", clock.now)


async def test_nobody_can_end_what_another_one_has_told(store: Store) -> None:
    turn = await tell(store, "I am Anna", [("name", "Anna")])
    (name,) = await store.facts.known(turn.conversation)
    await store.inbox.accept(incoming("forget it", conversation="ben-1", user="ben"))
    await store.turns.commit(await claimed(store), draft(ended=(name.id,)))
    assert await store.facts.known(turn.conversation) == [name]


async def test_others_in_a_group_have_their_own_facts_and_what_was_told_elsewhere_stays_there(store: Store) -> None:
    private = await tell(store, "12345", [("order", "12345")])
    group = await tell(store, "Anna", [("name", "Anna")], conversation="group/anna", shared=True)
    other_group = await tell(store, "hello", [], conversation="other/anna", shared=True)
    ben = await tell(store, "hello", [], conversation="group/ben", user="ben", shared=True)
    assert values(await store.facts.known(private.conversation)) == [("order", "12345"), ("name", "Anna")]
    assert values(await store.facts.known(group.conversation)) == [("name", "Anna")]
    assert await store.facts.known(other_group.conversation) == []
    assert await store.facts.known(ben.conversation) == []
    assert [fact.shared for fact in await store.facts.told(private.conversation.customer_id)] == [False, True]


async def test_words_that_no_database_takes_are_stored_as_they_can_be(store: Store) -> None:
    turn = await tell(store, "hello", [("product", "a \x00tent\ud800")])
    assert values(await store.facts.known(turn.conversation)) == [("product", "a \ufffdtent\ufffd")]
