"""Accounts that become one person by a one-time code, and come apart again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.messages import Account, Conversation, NewPicture
from storage import Store
from storage.people.links import VALID
from storage.tables import Customers, LinkCodes, Pictures
from tests.storage.examples import MovableClock, claimed, draft, incoming
from tests.storage.people.test_facts import tell, values


async def arrived(store: Store, user: str) -> Conversation:
    """The conversation of somebody who has said hello."""
    return (await tell(store, "hello", [], conversation=f"{user}-1", user=user)).conversation


async def now_of(store: Store, conversation: Conversation) -> Conversation:
    """The conversation as its next turn sees it."""
    message = incoming(conversation=conversation.external_id, user=conversation.external_id[:-2])
    await store.inbox.accept(message)
    turn = await claimed(store)
    await store.turns.commit(turn, draft())
    return turn.conversation


async def test_two_accounts_become_one_person_with_all_that_both_have_told(store: Store, clock: MovableClock) -> None:
    first = await tell(store, "I", [("name", "Anna"), ("order", "1"), ("order", "2")], conversation="a-1", user="a")
    clock.forward(60)
    second = await tell(store, "I", [("name", "Ann"), ("order", "2"), ("order", "3")], conversation="b-1", user="b")
    code = await store.people.link_code(second.conversation)

    assert await store.people.link(first.conversation, code) == "linked"

    one, other = await now_of(store, first.conversation), await now_of(store, second.conversation)
    assert one.customer_id == other.customer_id == first.conversation.customer_id
    known = values(await store.facts.known(one))
    assert known == [("order", "1"), ("name", "Ann"), ("order", "2"), ("order", "3")]
    assert await store.facts.known(other) == await store.facts.known(one)
    assert await store.people.accounts(one.customer_id) == [Account("api", "a"), Account("api", "b")]
    customers = await store.database.read(lambda connection: connection.scalars(select(Customers.id)).all())
    assert customers == [one.customer_id]


async def test_pictures_and_wishes_go_along(store: Store, clock: MovableClock) -> None:
    first, second = await arrived(store, "a"), await arrived(store, "b")
    await store.people.want_recommendations(second.customer_id, False)
    await store.inbox.accept(incoming("a cat", conversation="b-1", user="b"))
    picture = NewPicture("digest", "file:1", "model", "gan", 1)
    await store.turns.commit(await claimed(store), draft(drawn=(picture,)))
    await store.people.link(second, await store.people.link_code(first))
    owners = await store.database.read(lambda connection: connection.scalars(select(Pictures.customer_id)).all())
    assert owners == [first.customer_id]
    assert not await store.people.wants_recommendations(first.customer_id)


async def test_a_code_works_once(store: Store) -> None:
    a, b, c = [await arrived(store, user) for user in "abc"]
    code = await store.people.link_code(a)
    assert await store.people.link(b, code) == "linked"
    assert await store.people.link(c, code) == "unknown"
    assert (await now_of(store, c)).customer_id == c.customer_id


async def test_a_reply_that_is_made_again_says_the_same(store: Store, clock: MovableClock) -> None:
    a, b = await arrived(store, "a"), await arrived(store, "b")
    code = await store.people.link_code(a)
    await store.people.link(b, code)
    clock.forward(1)
    assert await store.people.link(await now_of(store, b), code) == "already"


async def test_an_account_is_not_linked_to_itself(store: Store) -> None:
    a, b = await arrived(store, "a"), await arrived(store, "b")
    code = await store.people.link_code(a)
    assert await store.people.link(a, code) == "same"
    assert await store.people.link(b, code) == "linked", "the code is still open"


async def test_a_code_is_open_for_ten_minutes(store: Store, clock: MovableClock) -> None:
    a, b = await arrived(store, "a"), await arrived(store, "b")
    code = await store.people.link_code(a)
    clock.forward(VALID.total_seconds())
    assert await store.people.link(b, code) == "unknown"
    assert await store.people.link(a, code) == "unknown"
    assert timedelta(minutes=10) == VALID


async def test_a_new_code_takes_the_place_of_the_earlier_one_and_a_burnt_one_is_none(store: Store) -> None:
    a, b = await arrived(store, "a"), await arrived(store, "b")
    earlier = await store.people.link_code(a)
    code = await store.people.link_code(a)
    assert await store.people.link(b, earlier) == "unknown"
    await store.people.burn(code)
    assert await store.people.link(b, code) == "unknown"


@pytest.mark.parametrize("written", ["{}", " {} ", "{:lower}", "{:spaced}", "{:alike}"])
async def test_a_code_may_be_written_as_people_write(store: Store, written: str) -> None:
    class Code(str):
        def __format__(self, how: str) -> str:
            alike = str.maketrans("01", "OI")
            ways = {"": self, "lower": self.lower(), "spaced": self.replace("-", " "), "alike": self.translate(alike)}
            return ways[how]

    a, b = await arrived(store, "a"), await arrived(store, "b")
    code = Code(await store.people.link_code(a))
    assert await store.people.link(b, written.format(code)) == "linked"


async def test_only_a_digest_is_stored(store: Store) -> None:
    a = await arrived(store, "a")
    code = await store.people.link_code(a)
    (digest,) = await store.database.read(lambda connection: connection.scalars(select(LinkCodes.digest)).all())
    assert code.replace("-", "").lower() not in digest.lower()


async def test_guesses_find_nothing(store: Store) -> None:
    a, b = await arrived(store, "a"), await arrived(store, "b")
    await store.people.link_code(a)
    for guess in ("", "-", "%", "AAAAA-AAAAA", "'; DROP TABLE customers; --", "\ud800", "x" * 10_000):
        assert await store.people.link(b, guess) == "unknown"


async def test_links_at_the_same_time_leave_one_person(store: Store) -> None:
    people = [await arrived(store, user) for user in "abcd"]
    codes = [await store.people.link_code(person) for person in people]
    pairs = zip(people, codes[1:], strict=False)
    assert await asyncio.gather(*(store.people.link(person, code) for person, code in pairs)) == ["linked"] * 3
    assert len({(await now_of(store, person)).customer_id for person in people}) == 1


async def test_messages_that_arrive_meanwhile_are_not_lost(store: Store) -> None:
    a, b = await arrived(store, "a"), await arrived(store, "b")
    code = await store.people.link_code(a)
    arrivals = [incoming(f"{number}", conversation=f"b-{number}", user="b") for number in range(2, 30)]
    await asyncio.gather(store.people.link(b, code), *map(store.inbox.accept, arrivals))
    turns = [await claimed(store) for _ in arrivals]
    assert {turn.conversation.customer_id for turn in turns} == {a.customer_id}


async def test_accounts_come_apart_with_what_came_through_each(store: Store) -> None:
    first = await tell(store, "I", [("name", "Anna"), ("order", "1")], conversation="a-1", user="a")
    second = await tell(store, "I", [("order", "2")], conversation="b-1", user="b", user_name="Ben")
    await store.people.link(second.conversation, await store.people.link_code(first.conversation))
    linked = await now_of(store, first.conversation)

    assert await store.people.unlink(linked)

    alone = await now_of(store, first.conversation)
    assert alone.customer_id != linked.customer_id
    assert values(await store.facts.known(alone)) == [("name", "Anna"), ("order", "1")]
    assert values(await store.facts.told(linked.customer_id)) == [("order", "2")]
    assert await store.people.accounts(linked.customer_id) == [Account("api", "b", "Ben")]
    assert not await store.people.unlink(alone), "there is no other account"
