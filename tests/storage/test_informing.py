"""The consent text stands before the first reply to a person, and never again; withheld words are kept for review."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot.messages import NewWithheld
from storage import Store
from storage.tables import Withheld
from tests.storage.examples import answered, claimed, draft, incoming

CONSENT = "We keep what you write."


async def said(store: Store, conversation: str) -> list[str]:
    return [each.text for each in await store.history.messages("api", conversation) if each.role == "assistant"]


async def test_only_the_first_reply_begins_with_it(store: Store) -> None:
    await store.inbox.accept(incoming())
    first = await answered(store, "Hello", consent=CONSENT)
    assert first.text == f"{CONSENT}\n\nHello"
    await store.inbox.accept(incoming())
    await answered(store, "Again", consent=CONSENT)
    assert await said(store, "anna-1") == [f"{CONSENT}\n\nHello", "Again"]


async def test_two_conversations_at_once_show_it_in_one(store: Store) -> None:
    for conversation in ("anna-1", "anna-2"):
        await store.inbox.accept(incoming(conversation=conversation))
    turns = [await claimed(store), await claimed(store)]
    await asyncio.gather(*(store.turns.commit(turn, draft("Hello", consent=CONSENT)) for turn in turns))
    replies = [*await said(store, "anna-1"), *await said(store, "anna-2")]
    assert sorted(replies) == ["Hello", f"{CONSENT}\n\nHello"]


async def test_a_worker_that_dies_before_the_reply_is_stored_has_shown_nothing(store: Store) -> None:
    await store.inbox.accept(incoming())
    lost = await claimed(store)
    await store.turns.release(lost.claim)
    await answered(store, "Hello", consent=CONSENT)
    await store.inbox.accept(incoming())
    await answered(store, "More", consent=CONSENT)
    assert await said(store, "anna-1") == [f"{CONSENT}\n\nHello", "More"]


async def test_withheld_words_are_stored_with_the_reply(store: Store) -> None:
    accepted = await store.inbox.accept(incoming("threat"))
    coming = NewWithheld("in", "threat", "threat", 0.99, accepted.message_id)
    going = NewWithheld("out", "rude reply", "abuse", 0.95)
    reply = await answered(store, "No.", withheld=(coming, going))
    rows = await store.database.read(
        lambda connection: connection.execute(
            select(Withheld.direction, Withheld.text, Withheld.message_id).order_by(Withheld.direction)
        ).all()
    )
    assert [tuple(row) for row in rows] == [
        ("in", "threat", accepted.message_id),
        ("out", "rude reply", reply.message_id),
    ]
