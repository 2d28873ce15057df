from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from bot.errors import LeaseLost
from bot.messages import Citation, Claim, Finished, Turn
from bot.streams import LocalStreams
from storage import Store
from storage.tables import Conversations, Deliveries, Traces
from tests.storage.examples import (
    LEASE,
    WINDOW,
    MovableClock,
    RealClock,
    answered,
    claimed,
    draft,
    due,
    incoming,
    opened,
)


def words(messages: object) -> list[str]:
    return [message.text for message in messages]  # type: ignore[attr-defined]


async def waited_for(store: Store) -> Turn:
    """The next turn, when waiting has brought it; a wait alone would last a minute."""
    while (turn := await store.turns.claim("waiting")) is None:
        await store.turns.wait(60)
    return turn


async def test_nothing_to_do_is_none(store: Store) -> None:
    assert await store.turns.claim("worker") is None


async def test_a_claim_shows_the_message_and_the_history_before_it(store: Store) -> None:
    for number in range(8):
        await store.inbox.accept(incoming(f"question {number}"))
        await answered(store, f"answer {number}")
    await store.inbox.accept(incoming("the last"))
    turn = await claimed(store)
    assert words(turn.messages) == ["the last"]
    assert words(turn.history) == [f"{kind} {n}" for n in range(3, 8) for kind in ("question", "answer")]


async def test_history_is_the_conversations_own(store: Store) -> None:
    for name in ("anna", "ben"):
        await store.inbox.accept(incoming(f"I am {name}", conversation=name, user=name))
        await answered(store, f"Hello {name}")
    await store.inbox.accept(incoming("who am I?", conversation="ben", user="ben"))
    assert words((await claimed(store)).history) == ["I am ben", "Hello ben"]


async def test_a_claimed_conversation_is_not_claimed_again_while_its_lease_lasts(
    store: Store, clock: MovableClock
) -> None:
    await store.inbox.accept(incoming())
    await claimed(store)
    clock.forward(LEASE - 1)
    assert await store.turns.claim("other") is None


async def test_an_album_is_waited_for_and_makes_one_turn(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming("a caption", settle_seconds=1))
    clock.forward(0.9)
    await store.inbox.accept(incoming("", settle_seconds=1))
    await store.inbox.accept(incoming("and a word"))
    clock.forward(0.9)
    assert await store.turns.claim("worker") is None
    clock.forward(0.1)
    assert words((await claimed(store)).messages) == ["a caption", "", "and a word"]


async def test_an_album_that_begins_while_its_conversation_is_at_work_is_waited_for(
    store: Store, clock: MovableClock
) -> None:
    await store.inbox.accept(incoming("hello"))
    turn = await claimed(store)
    await store.inbox.accept(incoming("a caption", settle_seconds=5))
    await store.turns.commit(turn, draft())
    clock.forward(4.9)
    assert await store.turns.claim("worker") is None
    clock.forward(0.1)
    assert words((await claimed(store)).messages) == ["a caption"]


async def test_waiting_ends_when_an_album_has_settled(database_url: str, streams: LocalStreams) -> None:
    async with opened(database_url, streams, RealClock()) as store:
        await store.inbox.accept(incoming("a caption", settle_seconds=0.4))
        assert words((await asyncio.wait_for(waited_for(store), 10)).messages) == ["a caption"]


async def test_a_command_among_other_words_is_a_turn_of_its_own(store: Store) -> None:
    asked = ["and what", "does it cost?", "/human", " /help", "thanks"]
    for number, text in enumerate(asked):
        await store.inbox.accept(incoming(text, origin=str(number)))
    turns, origins = [], []
    for _ in range(4):
        turn = await claimed(store)
        turns.append(words(turn.messages))
        await store.turns.commit(turn, draft())
        delivery = await due(store)
        origins.append(delivery.origin)
        await store.outbox.sent(delivery, None)
    assert turns == [["and what", "does it cost?"], ["/human"], [" /help"], ["thanks"]]
    assert origins == ["1", "2", "3", "4"]
    assert await store.turns.claim("worker") is None


async def test_a_language_stays_chosen_until_another_is(store: Store) -> None:
    chosen = []
    for choice in (None, "zh", None, ""):
        await store.inbox.accept(incoming())
        await answered(store, chosen_language=choice, language="en")
        await store.inbox.accept(incoming())
        turn = await claimed(store)
        chosen.append(turn.conversation.chosen_language)
        await store.turns.commit(turn, draft())
    assert chosen == [None, "zh", "zh", None]


async def test_an_expired_lease_is_found_again(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming())
    first = await claimed(store)
    clock.forward(LEASE)
    second = await claimed(store, "other")
    assert second.messages == first.messages
    assert second.claim == Claim(first.claim.conversation_id, "other", first.claim.fence + 1)
    assert second.attempts == 1


async def test_a_worker_that_lost_its_lease_cannot_write(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming("hello"))
    slow = await claimed(store)
    clock.forward(LEASE)
    quick = await claimed(store, "other")
    with pytest.raises(LeaseLost):
        await store.turns.commit(slow, draft("from the slow one"))
    with pytest.raises(LeaseLost):
        await store.turns.renew(slow.claim)
    await store.turns.release(slow.claim)
    await store.turns.commit(quick, draft("from the quick one"))
    with pytest.raises(LeaseLost):
        await store.turns.commit(slow, draft("from the slow one, later"))
    assert words(await store.history.messages("api", "anna-1")) == ["hello", "from the quick one"]
    rows = await store.database.read(lambda connection: len(connection.execute(select(Deliveries.id)).all()))
    assert rows == 1


async def test_renewal_keeps_a_lease(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming())
    turn = await claimed(store)
    for _ in range(3):
        clock.forward(LEASE * 0.9)
        await store.turns.renew(turn.claim)
    assert await store.turns.claim("other") is None
    await store.turns.commit(turn, draft())


async def test_a_released_conversation_is_claimed_at_once_and_counts_no_attempt(store: Store) -> None:
    await store.inbox.accept(incoming())
    turn = await claimed(store)
    await store.turns.release(turn.claim)
    again = await claimed(store, "other")
    assert again.attempts == 0
    with pytest.raises(LeaseLost):
        await store.turns.commit(turn, draft())


async def test_work_is_found_again_after_a_restart(
    database_url: str, streams: LocalStreams, clock: MovableClock
) -> None:
    async with opened(database_url, streams, clock) as store:
        await store.inbox.accept(incoming("before", conversation="waiting"))
        await store.inbox.accept(incoming("at work", conversation="claimed"))
        await claimed(store)
    clock.forward(LEASE)
    async with opened(database_url, streams, clock) as store:
        turns = [await claimed(store), await claimed(store)]
        assert {words(turn.messages)[0] for turn in turns} == {"before", "at work"}


async def test_a_commit_stores_reply_trace_and_delivery_and_ends_the_turn(store: Store) -> None:
    accepted = await store.inbox.accept(incoming())
    citation = Citation("p1", "Returns", "returns.md", "within 30 days")
    reply = await answered(store, "Within 30 days.", citations=(citation,), trace={"score": 0.5})
    assert reply.conversation_id == "anna-1"
    assert reply.citations == (citation,)
    trace = await store.database.read(lambda connection: connection.execute(select(Traces)).one())
    assert (trace.id, trace.message_id, trace.content) == (reply.trace_id, reply.message_id, {"score": 0.5})
    (delivery,) = await store.outbox.due("api", 10)
    assert delivery.reply == reply
    assert await store.inbox.reply_to(accepted.message_id) == reply
    assert await store.turns.claim("worker") is None


async def test_a_trace_may_hold_what_json_cannot(store: Store) -> None:
    await store.inbox.accept(incoming())
    await answered(store, trace={"nan": float("nan"), "set": {1}, "bytes": b"x", "nul": "\x00", 5: {"deep": "\ud800"}})
    content = await store.database.read(lambda connection: connection.execute(select(Traces.content)).scalar_one())
    assert content == {"nan": None, "set": [1], "bytes": "b'x'", "nul": "\ufffd", "5": {"deep": "\ufffd"}}


async def test_a_commit_whose_answer_was_lost_can_be_repeated(store: Store) -> None:
    await store.inbox.accept(incoming())
    turn = await claimed(store)
    reply = await store.turns.commit(turn, draft("once"))
    assert await store.turns.commit(turn, draft("once")) == reply
    assert words(await store.history.messages("api", "anna-1")) == ["hello", "once"]


async def test_two_commits_of_one_turn_at_the_same_time_store_one_reply(store: Store) -> None:
    await store.inbox.accept(incoming())
    turn = await claimed(store)
    results = await asyncio.gather(
        *[store.turns.commit(turn, draft(str(number))) for number in range(5)], return_exceptions=True
    )
    replies = {result.message_id for result in results if not isinstance(result, BaseException)}
    assert len(replies) == 1
    assert len(await store.history.messages("api", "anna-1")) == 2


async def test_a_burst_is_answered_together_when_it_is_over(store: Store, clock: MovableClock) -> None:
    for text in ("hi", "my order", "is late"):
        await store.inbox.accept(incoming(text, channel="web"))
        clock.forward(WINDOW / 2)
        assert await store.turns.claim("worker") is None
    clock.forward(WINDOW)
    assert words((await claimed(store)).messages) == ["hi", "my order", "is late"]


async def test_a_burst_that_does_not_end_is_answered_after_five_windows(store: Store, clock: MovableClock) -> None:
    for number in range(11):
        await store.inbox.accept(incoming(str(number), channel="web"))
        clock.forward(WINDOW / 2)
    assert len((await claimed(store)).messages) == 11


async def test_messages_to_the_api_are_not_waited_for(store: Store) -> None:
    await store.inbox.accept(incoming(channel="api"))
    await claimed(store)


async def test_each_message_of_a_burst_has_the_one_reply(store: Store, clock: MovableClock) -> None:
    ids = [(await store.inbox.accept(incoming(channel="web"))).message_id for _ in range(3)]
    clock.forward(WINDOW)
    reply = await answered(store)
    assert [await store.inbox.reply_to(each) for each in ids] == [reply] * 3


async def test_a_message_during_generation_starts_a_new_turn_after_it(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming("first", channel="web"))
    clock.forward(WINDOW)
    turn = await claimed(store)
    late = await store.inbox.accept(incoming("second", channel="web"))
    clock.forward(WINDOW)
    assert await store.turns.claim("other") is None
    await store.turns.commit(turn, draft("to the first"))
    assert await store.inbox.reply_to(late.message_id) is None
    following = await claimed(store)
    assert words(following.messages) == ["second"]
    assert words(following.history) == ["first", "to the first"]


async def test_a_reply_is_published_with_the_messages_that_it_answers(store: Store, streams: LocalStreams) -> None:
    accepted = await store.inbox.accept(incoming())
    async with streams.subscribe(accepted.conversation_id) as events:
        reply = await answered(store)
        assert await anext(events) == Finished(accepted.conversation_id, reply, (accepted.message_id,))


async def test_waiting_ends_at_once_when_a_message_comes(store: Store) -> None:
    await store.turns.claim("worker")
    waiting = asyncio.create_task(store.turns.wait(60))
    await store.inbox.accept(incoming())
    await asyncio.wait_for(waiting, 5)


async def test_waiting_ends_when_a_burst_is_over(database_url: str, streams: LocalStreams) -> None:
    async with opened(database_url, streams, RealClock(), coalesce_seconds=0.05) as store:
        await store.inbox.accept(incoming(channel="web"))
        await asyncio.wait_for(waited_for(store), 5)


async def test_waiting_ends_when_a_lost_workers_lease_does(database_url: str, streams: LocalStreams) -> None:
    async with opened(database_url, streams, RealClock(), lease_seconds=0.05) as store:
        await store.inbox.accept(incoming())
        await claimed(store)
        assert (await asyncio.wait_for(waited_for(store), 5)).attempts == 1


async def test_many_conversations_are_claimed_and_committed_at_once(store: Store) -> None:
    await asyncio.gather(*[store.inbox.accept(incoming(conversation=f"c{n}", user=f"u{n}")) for n in range(60)])
    turns = await asyncio.gather(*[claimed(store, f"w{n}") for n in range(60)])
    assert len({turn.conversation.id for turn in turns}) == 60
    await asyncio.gather(*[store.turns.commit(turn, draft(turn.conversation.external_id)) for turn in turns])
    for number in range(60):
        assert words(await store.history.messages("api", f"c{number}")) == ["hello", f"c{number}"]


async def test_a_draft_that_cannot_be_stored_does_not_hurt_its_batch(store: Store) -> None:
    await asyncio.gather(*[store.inbox.accept(incoming(conversation=f"c{n}")) for n in range(3)])
    turns = [await claimed(store) for _ in range(3)]
    drafts = [draft("one"), replace(draft("two"), confidence="high"), draft("three")]  # type: ignore[arg-type]
    results = await asyncio.gather(*map(store.turns.commit, turns, drafts), return_exceptions=True)
    assert sum(isinstance(result, Exception) for result in results) <= 1
    assert all(not isinstance(result, BaseException) for result in (results[0], results[2]))


async def test_a_conversation_speaks_the_language_of_its_last_reply(store: Store) -> None:
    await store.inbox.accept(incoming(language="fr"))
    turn = await claimed(store)
    assert turn.conversation.language == "fr"
    await store.turns.commit(turn, draft(language="zh"))
    await store.inbox.accept(incoming())
    assert (await claimed(store)).conversation.language == "zh"


async def test_a_conversation_that_is_due_without_messages_is_no_turn(store: Store, clock: MovableClock) -> None:
    await store.inbox.accept(incoming())
    await answered(store)
    await store.database.write(lambda connection: connection.execute(update(Conversations).values(due_at=clock())))
    assert await store.turns.claim("worker") is None
    due = await store.database.read(lambda connection: connection.execute(select(Conversations.due_at)).scalar_one())
    assert due is None
