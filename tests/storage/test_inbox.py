from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.errors import Busy, InvalidMessage
from bot.messages import Accepted, Attachment, Utterance
from bot.streams import LocalStreams
from storage import Store
from storage.tables import Conversations, Customers, Identities, Messages
from tests.storage.examples import MovableClock, answered, claimed, draft, incoming, opened


async def texts(store: Store, conversation: str = "anna-1", channel: str = "api") -> list[str]:
    return [message.text for message in await store.history.messages(channel, conversation)]


async def set_state(store: Store, state: str) -> None:
    await store.database.write(lambda connection: connection.execute(update(Conversations).values(state=state)))


async def test_a_message_is_stored_before_accept_returns(store: Store) -> None:
    accepted = await store.inbox.accept(incoming("Where is my order?"))
    assert not accepted.duplicate
    assert await texts(store) == ["Where is my order?"]


async def test_a_redelivered_message_changes_nothing(store: Store) -> None:
    first = await store.inbox.accept(incoming("hello", external_id="42"))
    again = await store.inbox.accept(incoming("hello, edited", external_id="42"))
    assert again == Accepted(first.message_id, first.conversation_id, duplicate=True)
    assert await texts(store) == ["hello"]


async def test_a_redelivered_message_returns_the_first_reply(store: Store) -> None:
    await store.inbox.accept(incoming(external_id="42"))
    reply = await answered(store)
    assert (await store.inbox.accept(incoming(external_id="42"))).reply == reply


async def test_redeliveries_at_the_same_time_are_stored_once(store: Store) -> None:
    message = incoming("hello")
    accepted = await asyncio.gather(*[store.inbox.accept(message) for _ in range(20)])
    assert sum(not each.duplicate for each in accepted) == 1
    assert len({each.message_id for each in accepted}) == 1
    assert await texts(store) == ["hello"]


async def test_the_same_external_id_on_another_channel_is_another_message(store: Store) -> None:
    await store.inbox.accept(incoming(external_id="42"))
    assert not (await store.inbox.accept(incoming(external_id="42", channel="web"))).duplicate


async def test_messages_of_a_conversation_are_numbered_without_gaps_in_their_order(store: Store) -> None:
    await asyncio.gather(*[store.inbox.accept(incoming(str(number))) for number in range(250)], return_exceptions=True)
    messages = await store.history.messages("api", "anna-1", limit=500)
    assert [message.number for message in messages] == list(range(1, 101))
    assert [message.text for message in messages] == [str(number) for number in range(100)]


async def test_a_full_queue_is_busy_and_stores_nothing(store: Store) -> None:
    for number in range(100):
        await store.inbox.accept(incoming(conversation=f"c{number}"))
    with pytest.raises(Busy) as busy:
        await store.inbox.accept(incoming(conversation="late", user="late"))
    assert busy.value.retry_after > 0
    assert await texts(store, "late") == []


async def test_the_queue_has_room_again_when_a_turn_is_answered(store: Store) -> None:
    for number in range(100):
        await store.inbox.accept(incoming(conversation=f"c{number}"))
    await answered(store)
    await store.inbox.accept(incoming(conversation="late"))


async def test_a_redelivery_is_recognised_although_the_queue_is_full(store: Store) -> None:
    for number in range(100):
        await store.inbox.accept(incoming(external_id=f"m{number}"))
    assert (await store.inbox.accept(incoming(external_id="m3"))).duplicate


async def test_the_queue_is_known_after_a_restart(
    database_url: str, streams: LocalStreams, clock: MovableClock
) -> None:
    async with opened(database_url, streams, clock, queue_limit=1) as store:
        await store.inbox.accept(incoming())
    async with opened(database_url, streams, clock, queue_limit=1) as store:
        with pytest.raises(Busy):
            await store.inbox.accept(incoming())


async def test_one_person_has_one_identity_a_channel(store: Store) -> None:
    await asyncio.gather(*[store.inbox.accept(incoming(conversation=f"c{number}")) for number in range(5)])
    await store.inbox.accept(incoming(channel="web"))
    found = await store.database.read(lambda connection: connection.execute(select(Identities.channel)).scalars().all())
    people = await store.database.read(lambda connection: connection.execute(select(Customers.id)).all())
    assert sorted(found) == ["api", "web"]
    assert len(people) == 2


async def test_a_new_name_of_a_person_is_stored(store: Store) -> None:
    await store.inbox.accept(incoming(user_name="Anna"))
    await store.inbox.accept(incoming(user_name="Anna B."))
    await store.inbox.accept(incoming())
    names = await store.database.read(lambda connection: connection.execute(select(Identities.name)).scalars().all())
    assert names == ["Anna B."]


async def test_earlier_turns_that_a_client_keeps_are_stored_with_a_new_conversation(store: Store) -> None:
    history = (Utterance("user", "hi"), Utterance("assistant", "Hello."))
    await store.inbox.accept(incoming("how much?", history=history))
    await store.inbox.accept(incoming("and now?", history=(Utterance("user", "something else"),)))
    turn = await claimed(store)
    assert [message.text for message in turn.history] == ["hi", "Hello."]
    assert [message.text for message in turn.messages] == ["how much?", "and now?"]


async def test_a_message_to_a_person_is_stored_without_a_turn(store: Store) -> None:
    assert (await store.inbox.accept(incoming("hello"))).for_bot
    await answered(store, state="human")
    assert not (await store.inbox.accept(incoming("is anybody there?"))).for_bot
    assert await store.turns.claim("worker") is None
    assert (await texts(store))[-1] == "is anybody there?"


async def test_a_message_is_behind_the_turn_that_is_under_way(store: Store) -> None:
    assert not (await store.inbox.accept(incoming("one"))).is_behind
    turn = await claimed(store)
    assert (await store.inbox.accept(incoming("two"))).is_behind
    await store.turns.commit(turn, draft())
    assert not (await store.inbox.accept(incoming("three"))).is_behind


async def test_a_message_reopens_a_closed_conversation(store: Store) -> None:
    await store.inbox.accept(incoming())
    await answered(store, state="closed")
    await store.inbox.accept(incoming("one more thing"))
    assert (await claimed(store)).conversation.state == "bot"


async def test_attachments_come_back_as_they_were(store: Store) -> None:
    picture = Attachment("image", "https://example.org/a.png", "image/png", 64, 48)
    await store.inbox.accept(incoming(attachments=(picture,)))
    assert (await claimed(store)).messages[0].attachments == (picture,)


@pytest.mark.parametrize("name", ["channel", "external_id", "conversation", "user"])
@pytest.mark.parametrize("value", ["", "x" * 256, "a\x00b", "\ud800"])
async def test_ids_that_cannot_be_keys_are_refused(store: Store, name: str, value: str) -> None:
    with pytest.raises(InvalidMessage, match=name):
        await store.inbox.accept(incoming(**{name: value}))


@pytest.mark.parametrize(
    "text", ["", "x" * 1_000_000, "'; DROP TABLE messages; --", "<script>alert(1)</script>", "שלום 🙂", "\u202etxt.exe"]
)
async def test_any_text_is_stored_as_it_is(store: Store, text: str) -> None:
    await store.inbox.accept(incoming(text))
    assert await texts(store) == [text]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(text=st.text(st.characters(), max_size=200))
async def test_only_what_no_database_takes_is_replaced(store: Store, text: str) -> None:
    conversation = incoming().external_id
    await store.inbox.accept(incoming(text, conversation=conversation))
    stored = (await store.history.messages("api", conversation))[0].text
    assert len(stored) == len(text)
    assert all(
        kept == original or original == "\x00" or "\ud800" <= original <= "\udfff"
        for kept, original in zip(stored, text, strict=True)
    )
    await answered(store)


async def test_one_bad_message_does_not_hurt_its_batch(store: Store) -> None:
    """An attachment that is no JSON value fails within the transaction that the others share."""
    bad = incoming("bad", conversation="bad", attachments=(Attachment("image", "u", "m", width=1 << 70),))
    good = [incoming(str(number), conversation=f"c{number}") for number in range(5)]
    results = await asyncio.gather(*[store.inbox.accept(each) for each in [*good[:2], bad, *good[2:]]])
    assert len({each.message_id for each in results}) == 6


async def test_a_message_without_its_turn_has_no_reply_yet(store: Store) -> None:
    accepted = await store.inbox.accept(incoming())
    assert await store.inbox.reply_to(accepted.message_id) is None
    reply = await answered(store, quick_replies=("Yes", "No"))
    assert await store.inbox.reply_to(accepted.message_id) == reply
    assert reply.quick_replies == ("Yes", "No")


async def test_message_rows_name_their_writer(store: Store) -> None:
    await store.inbox.accept(incoming())
    await answered(store)
    query = select(Messages.role, Messages.identity_id.is_not(None)).order_by(Messages.number)
    found = await store.database.read(lambda connection: [tuple(row) for row in connection.execute(query)])
    assert found == [("user", True), ("assistant", False)]


async def test_a_conversation_is_shared_as_its_latest_message_says(store: Store) -> None:
    for shared in (True, False):
        await store.inbox.accept(incoming(shared=shared))
        turn = await claimed(store)
        assert turn.conversation.shared is shared
        await store.turns.commit(turn, draft())


async def test_a_language_that_was_chosen_once_holds_in_the_customers_next_conversation(store: Store) -> None:
    await store.inbox.accept(incoming())
    await store.turns.commit(await claimed(store), draft(chosen_language="fr"))
    await store.inbox.accept(incoming(conversation="anna-2"))
    assert (await claimed(store)).conversation.chosen_language == "fr"
    await store.inbox.accept(incoming(conversation="ben-1", user="ben"))
    assert (await claimed(store)).conversation.chosen_language is None
