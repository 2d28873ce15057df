from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, text

from bot.errors import Conflict, LeaseLost, NotFound
from bot.messages import Accepted, Citation, Delivery, Finished, Overview
from bot.streams import LocalStreams
from storage import Store
from storage.reading import desk_queries as queries
from storage.tables import Conversations, Messages
from tests.storage.examples import MovableClock, RealClock, answered, claimed, draft, incoming, opened

BEFORE = timedelta(minutes=5)


async def handed_off(store: Store, name: str = "anna", question: str = "a person, please") -> str:
    """Our id of a conversation that waits for a person."""
    accepted = await said(store, question, name)
    await answered(store, "I have told the team.", route="handoff", state="waiting")
    return accepted.conversation_id


async def said(store: Store, words: str, name: str = "anna") -> Accepted:
    return await store.inbox.accept(incoming(words, conversation=name, user=name, user_name=name.title()))


async def line(store: Store, conversation_id: str) -> Overview:
    return (await store.desk.thread(conversation_id)).overview


async def test_the_inbox_of_waiting_customers_leaves_out_what_the_bot_answers(store: Store) -> None:
    await said(store, "when do you open?", "ben")
    await answered(store)
    waiting = await handed_off(store)
    assert [overview.conversation.id for overview in await store.desk.inbox("waiting")] == [waiting]
    assert await store.desk.inbox("human") == []
    assert await store.desk.counts() == {"waiting": 1, "human": 0}


async def test_an_overview_tells_who_waits_since_when_and_for_what(store: Store, clock: MovableClock) -> None:
    await said(store, "when do you open?")
    await answered(store)
    clock.forward(60)
    asked_at = clock()
    conversation = await handed_off(store)
    clock.forward(60)
    await said(store, "are you there?")
    await answered(store, "Your request has reached the team.", route="handoff", state="waiting")
    overview = await line(store, conversation)
    assert overview.customer == "Anna"
    assert overview.conversation.state == "waiting"
    assert overview.waiting_since == asked_at
    assert overview.unread == 2
    assert overview.last is not None
    assert overview.last.text == "are you there?"


async def test_the_newest_need_comes_first_and_the_pages_follow_on(store: Store, clock: MovableClock) -> None:
    for name in ("anna", "ben", "cleo"):
        await handed_off(store, name)
        clock.forward(1)
    await said(store, "hurry", "anna")
    first = await store.desk.inbox("waiting", limit=2)
    rest = await store.desk.inbox("waiting", before=first[-1].conversation.id, limit=2)
    assert [overview.customer for overview in (*first, *rest)] == ["Anna", "Cleo", "Ben"]
    assert len(await store.desk.inbox("all", limit=2)) == 2


async def test_pages_do_not_lose_conversations_of_the_same_moment(store: Store) -> None:
    names = [f"customer-{number}" for number in range(7)]
    for name in names:
        await handed_off(store, name)
    found: list[Overview] = []
    while page := await store.desk.inbox("all", before=found[-1].conversation.id if found else None, limit=3):
        found += page
    assert sorted(overview.conversation.external_id for overview in found) == names


async def test_a_thread_shows_the_newest_messages_with_route_and_citations(store: Store) -> None:
    citation = Citation("p1", "Returns", "returns.md", "within 30 days")
    for number in range(3):
        accepted = await said(store, f"question {number}")
        await answered(store, f"answer {number}", route="answer", citations=(citation,))
    thread = await store.desk.thread(accepted.conversation_id, limit=4)
    assert [message.text for message in thread.messages] == ["question 1", "answer 1", "question 2", "answer 2"]
    assert thread.messages[-1].route == "answer"
    assert thread.messages[-1].citations == (citation,)
    assert thread.has_earlier
    earlier = await store.desk.thread(accepted.conversation_id, before=thread.messages[0].number, limit=4)
    assert [message.text for message in earlier.messages] == ["question 0", "answer 0"]
    assert not earlier.has_earlier


async def test_a_conversation_that_is_not_there_is_not_found(store: Store) -> None:
    desk = store.desk
    for conversation in ("c_none", "", "c_\x00", "\ud800", "'; --"):
        for call in (desk.thread, desk.take, desk.hand_back, desk.resolve):
            with pytest.raises(NotFound):
                await call(conversation)
        with pytest.raises(NotFound):
            await desk.say(conversation, "hello", "key")
        assert await desk.inbox("all", before=conversation) == []
        assert await desk.version(conversation) == ""


async def test_the_bot_is_silent_while_a_person_has_the_conversation(store: Store) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    await said(store, "are you a person now?")
    assert await store.turns.claim("worker") is None
    overview = await line(store, conversation)
    assert overview.conversation.state == "human"
    assert overview.unread == 2


async def test_a_reply_that_is_being_made_is_not_stored_once_a_person_took_over(store: Store) -> None:
    accepted = await said(store, "where is my order?")
    turn = await claimed(store)
    await store.desk.take(accepted.conversation_id)
    with pytest.raises(LeaseLost):
        await store.turns.commit(turn, draft("It is somewhere."))
    thread = await store.desk.thread(accepted.conversation_id)
    assert [message.role for message in thread.messages] == ["user"]
    assert thread.overview.conversation.state == "human"


async def test_what_was_unanswered_at_the_take_over_is_not_answered_by_the_bot(store: Store) -> None:
    await said(store, "one")
    await answered(store)
    accepted = await said(store, "two")
    await store.desk.take(accepted.conversation_id)
    assert await store.turns.claim("worker") is None
    assert (await line(store, accepted.conversation_id)).unread == 1


async def test_of_two_operators_one_takes_the_conversation(database_url: str, streams: LocalStreams) -> None:
    async with opened(database_url, streams, RealClock()) as one, opened(database_url, streams, RealClock()) as two:
        conversation = await handed_off(one)
        results = await asyncio.gather(
            *(store.desk.take(conversation) for store in (one, two) * 4), return_exceptions=True
        )
    assert results.count(None) == 1
    assert all(isinstance(result, Conflict) for result in results if result is not None)


async def test_an_operators_words_are_history_delivery_and_event_at_once(store: Store, streams: LocalStreams) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    question = await said(store, "which colour?")
    async with streams.subscribe(conversation) as events:
        reply = await store.desk.say(conversation, "The blue one.", "key-1")
        event = await asyncio.wait_for(anext(events), 5)
    assert event == Finished(conversation, reply, (question.message_id,))
    history = await store.history.messages("api", "anna", user="anna")
    assert [message.number for message in history] == [1, 2, 3, 4]
    assert (history[-1].role, history[-1].text, history[-1].id) == ("operator", "The blue one.", reply.message_id)
    deliveries = await delivered(store)
    assert [delivery.reply.text for delivery in deliveries] == ["I have told the team.", "The blue one."]
    assert deliveries[-1].target == "anna"


async def delivered(store: Store) -> list[Delivery]:
    """Sends everything that is due, in order."""
    sent: list[Delivery] = []
    while due := await store.outbox.due("api", 10):
        for delivery in due:
            await store.outbox.sent(delivery, None)
            sent.append(delivery)
    return sent


@pytest.mark.postgresql
async def test_an_operators_words_are_heard_in_another_process(postgresql_url: str) -> None:
    here, there = LocalStreams(), LocalStreams()
    async with (
        opened(postgresql_url, here, RealClock()) as store,
        opened(postgresql_url, there, RealClock()) as other,
        asyncio.timeout(30),
    ):
        conversation = await handed_off(store)
        await store.desk.take(conversation)
        question = await said(store, "which colour?")
        async with there.subscribe(conversation) as events:
            await _listening(other)
            reply = await store.desk.say(conversation, "The blue one.", "key-1")
            assert await anext(events) == Finished(conversation, reply, (question.message_id,))


async def _listening(store: Store) -> None:
    """Returns once the store listens for notices of other processes."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
    while await store.database.read(lambda connection: connection.scalar(query)) != 2:
        pass


async def test_whoever_waits_for_a_reply_gets_the_operators(store: Store) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    question = await said(store, "which colour?")
    reply = await store.desk.say(conversation, "The blue one.", "key-1")
    assert await store.inbox.reply_to(question.message_id) == reply


async def test_the_same_words_sent_again_are_stored_once(store: Store) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    first = await store.desk.say(conversation, "Hello!", "key-1")
    await store.desk.resolve(conversation)
    assert await store.desk.say(conversation, "Hello!", "key-1") == first
    assert len((await store.desk.thread(conversation)).messages) == 3


async def test_an_operator_speaks_only_in_a_conversation_that_a_person_has(store: Store) -> None:
    conversation = await handed_off(store)
    with pytest.raises(Conflict):
        await store.desk.say(conversation, "Hello!", "key-1")
    await store.desk.resolve(conversation)
    with pytest.raises(Conflict):
        await store.desk.say(conversation, "Hello!", "key-1")
    assert len((await store.desk.thread(conversation)).messages) == 2


async def test_many_speaking_at_once_keep_the_numbers_without_gaps(database_url: str, streams: LocalStreams) -> None:
    async with opened(database_url, streams, RealClock()) as one, opened(database_url, streams, RealClock()) as two:
        conversation = await handed_off(one)
        await one.desk.take(conversation)
        await asyncio.gather(
            *(store.desk.say(conversation, f"{n}", f"{n}") for n, store in enumerate((one, two) * 5)),
            *(said(one, f"customer {n}") for n in range(10)),
        )
        thread = await one.desk.thread(conversation)
    assert [message.number for message in thread.messages] == list(range(1, 23))


async def test_nobody_waits_after_the_answer_until_the_customer_writes_again(store: Store, clock: MovableClock) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    await store.desk.say(conversation, "Hello!", "key-1")
    overview = await line(store, conversation)
    assert (overview.waiting_since, overview.unread) == (None, 0)
    clock.forward(60)
    await said(store, "one more thing")
    overview = await line(store, conversation)
    assert (overview.waiting_since, overview.unread) == (clock(), 1)


async def test_the_bot_answers_again_after_the_hand_back(store: Store) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    await said(store, "thank you")
    await store.desk.hand_back(conversation)
    assert await store.turns.claim("worker") is None
    await said(store, "when do you open?")
    turn = await claimed(store)
    assert [message.text for message in turn.messages] == ["when do you open?"]
    assert (await line(store, conversation)).conversation.state == "bot"


async def test_a_resolved_conversation_opens_for_the_bot_when_the_customer_writes(
    store: Store, clock: MovableClock
) -> None:
    conversation = await handed_off(store)
    await store.desk.resolve(conversation)
    assert (await line(store, conversation)).conversation.state == "closed"
    assert await store.desk.inbox("waiting") == []
    clock.forward(3600)
    await handed_off(store, question="again a person, please")
    overview = await line(store, conversation)
    assert (overview.conversation.state, overview.waiting_since, overview.unread) == ("waiting", clock(), 1)


async def test_what_a_person_has_cannot_be_given_away_twice(store: Store) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    await store.desk.hand_back(conversation)
    for call in (store.desk.hand_back, store.desk.resolve):
        with pytest.raises(Conflict):
            await call(conversation)


async def test_the_version_is_another_one_after_each_change(store: Store, clock: MovableClock) -> None:
    conversation = await handed_off(store)
    versions = [await store.desk.version(conversation)]
    for change in (
        lambda: store.desk.take(conversation),
        lambda: said(store, "hello"),
        lambda: store.desk.say(conversation, "Hello!", "key-1"),
        lambda: store.desk.hand_back(conversation),
    ):
        clock.forward(1)
        await change()
        versions.append(await store.desk.version(conversation))
    assert len(set(versions)) == len(versions)


async def test_another_conversation_with_the_bot_changes_no_version(store: Store) -> None:
    conversation = await handed_off(store)
    before = await store.desk.version(), await store.desk.version(conversation)
    await said(store, "when do you open?", "ben")
    assert before == (await store.desk.version(), await store.desk.version(conversation))


async def test_what_no_database_takes_is_stored_as_it_can_be(store: Store) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    await store.desk.say(conversation, "<b>'; DROP TABLE messages; --\x00\ud800 你好", "\x00\ud800")
    message = (await store.desk.thread(conversation)).messages[-1]
    assert message.text == "<b>'; DROP TABLE messages; --\ufffd\ufffd 你好"


async def test_those_who_need_a_person_are_found_by_index_among_many(store: Store) -> None:
    conversation = await handed_off(store)

    def plan(connection: Connection) -> str:
        _multiply(connection, conversation, 3000)
        connection.execute(text("ANALYZE"))
        query = queries.inbox("waiting", None, 50).compile(connection.engine, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if store.database.is_sqlite else "EXPLAIN"
        return str(connection.execute(text(f"{explain} {query}")).all())

    assert "ix_conversations_desk" in await store.database.write(plan)


def _multiply(connection: Connection, conversation: str, times: int) -> None:
    """Copies of a conversation that the bot answers."""
    row = connection.execute(select(Conversations).where(Conversations.id == conversation)).one()._asdict()
    copies = [{**row, "id": f"c_{n}", "external_id": f"copy-{n}", "state": "bot"} for n in range(times)]
    connection.execute(insert(Conversations), copies)


async def test_messages_name_their_channel_and_key(store: Store) -> None:
    conversation = await handed_off(store)
    await store.desk.take(conversation)
    await store.desk.say(conversation, "Hello!", "key-1")
    query = select(Messages.channel, Messages.external_id).where(Messages.role == "operator")
    row = await store.database.read(lambda connection: connection.execute(query).one())
    assert tuple(row) == ("console", f"{conversation}:key-1")
