"""What the writer of a message may be reminded of: their own past, and never another person's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import delete

from bot.memory.summarizer import STRETCH, Summarizer
from bot.messages import Accepted, Incoming, Said
from storage import Store
from storage.tables import Messages
from tests.storage.examples import MovableClock, answered, claimed, draft, incoming

REPLIES = "my reply to you"


async def told(store: Store, text: str, **more: Any) -> Accepted:
    """A message that has been answered."""
    accepted = await store.inbox.accept(incoming(text, **more))
    await answered(store, f"{REPLIES}: {text}", route="answer")
    return accepted


async def asks(store: Store, **more: Any) -> list[str]:
    """What the writer of a new message may be reminded of."""
    asked = await store.inbox.accept(incoming("what did I say?", **more))
    found = await store.memories.said(asked.message_id, limit=100)
    return [said.text for said in found]


async def test_all_conversations_and_linked_channels_of_the_writer_are_remembered(
    store: Store, clock: MovableClock
) -> None:
    await store.inbox.accept(incoming("my shoes are red"))
    first = await claimed(store)
    await store.turns.commit(first, draft(f"{REPLIES}: my shoes are red"))
    clock.forward(60)
    await told(store, "my hat is blue", conversation="anna-2")
    clock.forward(60)
    other_channel = await store.inbox.accept(incoming("my coat is green", channel="web", user="w", conversation="w-1"))
    clock.forward(60)
    turn = await claimed(store)
    await store.turns.commit(turn, draft(f"{REPLIES}: my coat is green"))
    assert turn.messages[0].id == other_channel.message_id
    await store.people.link(turn.conversation, await store.people.link_code(first.conversation))
    texts = await asks(store, conversation="anna-3")
    words = ["my shoes are red", "my hat is blue", "my coat is green"]
    assert texts == [text for word in words for text in (word, f"{REPLIES}: {word}")]


async def test_another_customers_words_are_never_remembered(store: Store) -> None:
    await told(store, "my secret is 1234", user="ben", conversation="ben-1", user_name="Anna")
    await told(store, "in the same group", user="ben", conversation="group/ben", shared=True)
    await told(store, "the words of a guest", user="ben", conversation="anna-1")
    await told(store, "my own words")
    texts = await asks(store, user_name="Ben")
    assert not [text for text in texts if "secret" in text or "group" in text]
    assert "the words of a guest" not in texts
    assert "my own words" in texts


async def test_in_a_conversation_of_somebody_else_only_what_the_writer_said_there_is_remembered(store: Store) -> None:
    await told(store, "I live in Rome")
    await told(store, "my own words", user="ben", conversation="ben-1")
    await told(store, "my words as a guest", user="ben")
    assert await asks(store, user="ben") == ["my words as a guest"]


async def test_private_words_are_not_remembered_where_others_read_along(store: Store) -> None:
    await told(store, "my private address")
    await told(store, "said in another group", conversation="group 2/anna", shared=True)
    await told(store, "said in the group", conversation="group/anna", shared=True)
    texts = await asks(store, conversation="group/anna", shared=True)
    assert texts == ["said in the group", f"{REPLIES}: said in the group"]


async def test_of_a_group_only_the_writers_own_words_are_remembered_elsewhere(store: Store) -> None:
    await told(store, "said in the group", conversation="group/anna", shared=True)
    assert await asks(store) == ["said in the group"]


async def test_commands_edited_and_waiting_messages_are_not_remembered(store: Store) -> None:
    await store.inbox.accept(incoming("with a mistake", origin="7"))
    await store.inbox.accept(incoming("without one", origin="8", replaces="7"))
    await answered(store, "noted")
    await store.inbox.accept(incoming("/me"))
    await answered(store, "You are Anna.", route="command")
    await store.inbox.accept(incoming("still waiting"))
    assert await asks(store) == ["without one", "noted"]


async def test_the_latest_are_remembered_when_there_are_too_many(store: Store, clock: MovableClock) -> None:
    for number in range(5):
        await told(store, f"number {number}")
        clock.forward(1)
    asked = await store.inbox.accept(incoming("what did I say?"))
    found = await store.memories.said(asked.message_id, limit=3)
    assert [said.text for said in found] == [f"{REPLIES}: number 3", "number 4", f"{REPLIES}: number 4"]
    assert not await store.memories.said("m_none", limit=3)


async def grown(store: Store, messages: int, clock: MovableClock, **more: Any) -> None:
    """A conversation of so many messages, half of them replies."""
    for number in range(messages // 2):
        await told(store, f"number {number}", **more)
        clock.forward(1)


async def stretches(store: Store, **more: Any) -> Sequence[Sequence[Said]]:
    return await store.memories.unsummarised(size=4, window=2, **more)


async def test_a_conversation_is_summarised_stretch_by_stretch_up_to_its_window(
    store: Store, clock: MovableClock
) -> None:
    await grown(store, 12, clock)
    numbers = []
    while found := await stretches(store):
        (stretch,) = found
        numbers.append([said.number for said in stretch])
        assert await store.memories.add_summary(stretch, f"up to {stretch[-1].number}")
    assert numbers == [[1, 2, 3, 4], [5, 6, 7, 8]]
    asked = await store.inbox.accept(incoming("what did I say?", conversation="anna-2"))
    found_summaries = await store.memories.summaries(asked.message_id, limit=9)
    assert [summary.text for summary in found_summaries] == ["up to 4", "up to 8"]
    (latest,) = await store.memories.summaries(asked.message_id, limit=1)
    assert latest.text == "up to 8"


async def test_summaries_are_for_those_who_may_read_the_conversation(store: Store, clock: MovableClock) -> None:
    await grown(store, 6, clock, conversation="group/anna", shared=True)
    await grown(store, 6, clock)
    for stretch in await stretches(store):
        await store.memories.add_summary(stretch, stretch[0].conversation_id)

    async def places(message: Incoming) -> set[str]:
        asked = await store.inbox.accept(message)
        found = await store.memories.summaries(asked.message_id, limit=9)
        assert all(summary.text == summary.conversation_id for summary in found)
        return {summary.conversation_id for summary in found}

    group = await places(incoming(conversation="group/anna", shared=True))
    private = await places(incoming())
    assert len(group) == len(private) == 1
    assert group != private
    assert not await places(incoming(user="ben", conversation="ben-1"))
    assert not await places(incoming(user="ben"))


async def test_only_conversations_that_have_changed_are_looked_at(store: Store, clock: MovableClock) -> None:
    await grown(store, 8, clock)
    assert len(await stretches(store, since=clock.now)) == 0
    await grown(store, 2, clock)
    assert len(await stretches(store, since=clock.now)) == 0
    assert len(await stretches(store)) == 1


async def test_what_is_erased_while_it_is_summarised_leaves_no_summary(store: Store, clock: MovableClock) -> None:
    await grown(store, 8, clock)
    (stretch,) = await stretches(store)
    gone = delete(Messages).where(Messages.id == stretch[1].message_id)
    await store.database.write(lambda connection: connection.execute(gone).rowcount)
    assert not await store.memories.add_summary(stretch, "erased words")
    (next_stretch,) = await stretches(store)
    assert [said.number for said in next_stretch] == [1, 3, 4, 5]
    assert await store.memories.add_summary(next_stretch, "what is left")
    assert not await store.memories.add_summary(next_stretch, "by another process")
    assert all(earlier.number < later.number for earlier, later in pairwise(next_stretch))


async def test_the_summarizer_keeps_up_with_a_conversation(store: Store, clock: MovableClock) -> None:
    await grown(store, STRETCH + 4, clock)
    assert await Summarizer(store.memories, window=2).catch_up() == 1
    assert await Summarizer(store.memories, window=2).catch_up() == 0
    asked = await store.inbox.accept(incoming("what did I say?"))
    (summary,) = await store.memories.summaries(asked.message_id, limit=9)
    assert summary.number == STRETCH
    assert "number 0" in summary.text


async def test_nobody_is_ever_reminded_of_anothers_past_or_of_private_words_in_a_group(store: Store) -> None:
    people, places = ("ada", "ben", "eva"), ("home", "work", "group", "club")
    for user in people:
        for place in places:
            await told(store, f"{user} at {place}", **_where(user, place))
    for user in people:
        for place in places:
            for text in await asks(store, **_where(user, place)):
                speaker, said_at = text.removeprefix(f"{REPLIES}: ").split(" at ")
                assert speaker == user
                assert said_at == place or not _is_shared(place)
                assert not text.startswith(REPLIES) or said_at == place or not _is_shared(said_at)


def _where(user: str, place: str) -> dict[str, Any]:
    return {"user": user, "conversation": f"{place}/{user}", "user_name": "Ada", "shared": _is_shared(place)}


def _is_shared(place: str) -> bool:
    return place in ("group", "club")
