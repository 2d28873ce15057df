"""What is stored about customers and replies, for the customers themselves."""

from __future__ import annotations

import pytest

from bot.errors import NotFound
from storage import Store
from tests.storage.examples import MovableClock, answered, incoming


async def test_a_reply_comes_with_the_trace_of_its_draft(store: Store) -> None:
    await store.inbox.accept(incoming())
    reply = await answered(store, trace={"threshold": 0.5})
    explanation = await store.records.explanation(reply.message_id)
    assert (explanation.reply, explanation.trace) == (reply, {"threshold": 0.5})


async def test_only_the_bots_replies_can_be_explained(store: Store) -> None:
    question = await store.inbox.accept(incoming())
    await answered(store)
    await store.desk.take(question.conversation_id)
    operators = await store.desk.say(question.conversation_id, "I am Eva.", "key")
    for message_id in (question.message_id, operators.message_id, "m_none", "\x00"):
        with pytest.raises(NotFound):
            await store.records.explanation(message_id)


async def test_a_profile_counts_what_the_customer_sent_in_all_conversations(store: Store, clock: MovableClock) -> None:
    first = await store.inbox.accept(incoming(user_name="Anna"))
    since = clock()
    clock.forward(60)
    await answered(store)
    await store.inbox.accept(incoming(conversation="anna-2"))
    await store.inbox.accept(incoming(conversation="ben-1", user="ben"))
    profile = await store.records.profile(first.conversation_id)
    assert (profile.name, profile.messages, profile.since) == ("Anna", 2, since)
    with pytest.raises(NotFound):
        await store.records.profile("c_none")
