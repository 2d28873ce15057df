from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bot.errors import NotFound
from storage import Store
from storage.reading.history import Counts
from storage.tables import Feedback
from tests.storage.examples import MovableClock, answered, claimed, due, incoming


async def ratings(store: Store) -> list[tuple[int, str]]:
    query = select(Feedback.score, Feedback.comment)
    return await store.database.read(lambda connection: [(score, text) for score, text in connection.execute(query)])


async def test_a_page_of_messages_follows_the_one_before(store: Store) -> None:
    for number in range(5):
        await store.inbox.accept(incoming(str(number)))
    first = await store.history.messages("api", "anna-1", limit=2)
    second = await store.history.messages("api", "anna-1", after=first[-1].number, limit=2)
    assert [message.text for message in [*first, *second]] == ["0", "1", "2", "3"]


async def test_a_conversation_that_does_not_exist_has_no_messages(store: Store) -> None:
    assert await store.history.messages("api", "nobody", user="anna") == []


async def test_nobody_reads_another_persons_conversation(store: Store) -> None:
    await store.inbox.accept(incoming(user="anna"))
    await store.inbox.accept(incoming(user="ben", conversation="ben-1"))
    assert len(await store.history.messages("api", "anna-1", user="anna")) == 1
    for stranger in ("ben", "nobody", ""):
        with pytest.raises(NotFound):
            await store.history.messages("api", "anna-1", user=stranger)


async def test_what_a_channel_received_last_is_known_by_conversation(store: Store, clock: MovableClock) -> None:
    for external_id, conversation in [("7", "anna-1"), ("8", "ben-1"), ("9", "anna-1")]:
        await store.inbox.accept(incoming(external_id=external_id, conversation=conversation, user=conversation))
        clock.forward(1)
    await store.inbox.accept(incoming(external_id="10", conversation="cleo-1", user="cleo", channel="web"))
    await answered(store)
    assert await store.history.last_received("api") == {"anna-1": "9", "ben-1": "8"}
    assert len(await store.history.last_received("api", limit=1)) == 1
    assert await store.history.last_received("telegram") == {}


async def test_the_last_rating_of_a_person_counts(store: Store) -> None:
    await store.inbox.accept(incoming())
    reply = await answered(store)
    await store.history.rate(reply.message_id, "anna", "api", 1)
    await store.history.rate(reply.message_id, "anna", "api", -1, "wrong\x00 price")
    assert await ratings(store) == [(-1, "wrong\ufffd price")]


async def test_only_a_reply_to_oneself_can_be_rated(store: Store) -> None:
    question = await store.inbox.accept(incoming())
    reply = await answered(store)
    await store.inbox.accept(incoming(user="ben", conversation="ben-1"))
    for message_id, user, channel in [
        (question.message_id, "anna", "api"),
        (reply.message_id, "ben", "api"),
        (reply.message_id, "anna", "web"),
        ("m_unknown", "anna", "api"),
    ]:
        with pytest.raises(NotFound):
            await store.history.rate(message_id, user, channel, 1)
    assert await ratings(store) == []


async def test_conversations_are_listed_the_latest_first(store: Store, clock: MovableClock) -> None:
    for name in ("a", "b", "c"):
        await store.inbox.accept(incoming(conversation=name))
        clock.forward(1)
    await store.inbox.accept(incoming(conversation="a"))
    first = await store.history.conversations(limit=2)
    rest = await store.history.conversations(before=first[-1].updated_at)
    assert [(each.conversation.external_id, each.messages) for each in [*first, *rest]] == [
        ("a", 2),
        ("c", 1),
        ("b", 1),
    ]


async def test_an_export_holds_all_of_a_conversation_as_json(store: Store) -> None:
    accepted = await store.inbox.accept(incoming("hello"))
    reply = await answered(store, "Hello.", trace={"score": 1.5})
    await store.history.rate(reply.message_id, "anna", "api", 1)
    export = json.loads(json.dumps(await store.history.export(accepted.conversation_id)))
    assert [message["text"] for message in export["messages"]] == ["hello", "Hello."]
    assert export["traces"][0]["content"] == {"score": 1.5}
    assert export["feedback"][0]["score"] == 1
    assert export["deliveries"][0]["state"] == "due"
    with pytest.raises(NotFound, match="c_none"):
        await store.history.export("c_none")


async def test_counts_tell_what_is_still_to_be_done(store: Store) -> None:
    for name in ("a", "b", "c"):
        await store.inbox.accept(incoming(conversation=name))
    await answered(store)
    await answered(store)
    (first, _) = await store.outbox.due("api", 10)
    await store.outbox.park(first, "gone")
    await claimed(store)
    assert await store.history.counts() == Counts(
        conversations=3, messages=5, unhandled=1, due_deliveries=1, parked_deliveries=1
    )


async def test_a_reply_is_found_by_our_id_in_its_own_conversation_alone(store: Store) -> None:
    question = await store.inbox.accept(incoming())
    reply = await answered(store, quick_replies=("Yes", "No"))
    await store.inbox.accept(incoming(conversation="ben-1", user="ben"))
    assert await store.history.reply("api", "anna-1", reply.message_id) == reply
    for channel, conversation, message_id in [
        ("api", "ben-1", reply.message_id),
        ("web", "anna-1", reply.message_id),
        ("api", "anna-1", question.message_id),
        ("api", "anna-1", "m_\x00"),
    ]:
        with pytest.raises(NotFound):
            await store.history.reply(channel, conversation, message_id)


async def test_a_reply_is_found_by_each_platform_message_that_is_a_part_of_it(store: Store) -> None:
    await store.inbox.accept(incoming())
    reply = await answered(store)
    delivery = await due(store)
    for part in ("17", "18"):
        await store.progress.sent_part(delivery, part)
    await store.outbox.sent(delivery, "19")
    await store.inbox.accept(incoming(conversation="ben-1", user="ben"))
    assert [await store.history.reply_sent_as("api", "anna-1", part) for part in ("17", "18", "19")] == [reply] * 3
    for channel, conversation, platform_id in [
        ("api", "anna-1", "20"),
        ("api", "ben-1", "17"),
        ("web", "anna-1", "17"),
        ("api", "nobody", "17"),
    ]:
        with pytest.raises(NotFound):
            await store.history.reply_sent_as(channel, conversation, platform_id)


async def test_of_two_replies_sent_under_the_same_id_the_newer_is_found(store: Store) -> None:
    """Ids begin anew in the place to which a group has moved."""
    for text in ("old", "new"):
        await store.inbox.accept(incoming())
        await answered(store, text)
        await store.outbox.sent(await due(store), "17")
    assert (await store.history.reply_sent_as("api", "anna-1", "17")).text == "new"
