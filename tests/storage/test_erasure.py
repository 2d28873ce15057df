"""What is stored about a person is found, exported and erased, and nothing of it is left in any file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.errors import LeaseLost, NotFound
from bot.messages import Attachment, NewFact
from bot.streams import LocalStreams
from storage import Store
from storage.tables import Files, Table
from tests.storage.examples import MovableClock, answered, claimed, draft, due, incoming, opened

SECRET = "Xanthippe-Quuxington"


@pytest.fixture
async def kept(database_url: str, streams: LocalStreams, clock: MovableClock, tmp_path: Path) -> AsyncIterator[Store]:
    """A store that keeps files beside its database."""
    async with opened(database_url, streams, clock, files=tmp_path / "files") as store:
        yield store


def all_bytes(folder: Path) -> bytes:
    """Of every file in the folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def everything(store: Store) -> str:
    """All rows of all tables, as text."""

    def read(connection: Any) -> str:
        return "\n".join(
            str(row) for table in Table.metadata.sorted_tables for row in connection.execute(select(table))
        )

    return await store.database.read(read)


async def told(store: Store, user: str = "anna", words: str = SECRET) -> str:
    """A person who has told their name, sent a file and been answered; returns our customer id."""
    photo = await store.files.save(words.encode(), mime="text/plain", name=f"{words}.txt")
    attachment = Attachment("file", photo, "text/plain")
    await store.inbox.accept(
        incoming(words, user=user, user_name=words, conversation=f"{user}-1", attachments=(attachment,), origin=words)
    )
    turn = await claimed(store)
    fact = NewFact("name", words, turn.messages[-1].id, words)
    reply = await store.turns.commit(turn, draft(f"Hello {words}", learned=(fact,), trace={"query": words}))
    await store.history.rate(reply.message_id, user, "api", 1, words)
    (person,) = await store.personal_data.find(f"api:{user}")
    return person.customer_id


async def test_an_erased_person_is_in_no_table_and_no_file_and_others_stay(kept: Store, tmp_path: Path) -> None:
    customer = await told(kept)
    await told(kept, "ben", "Benedict")
    assert len(await kept.outbox.due("api", 10)) == 2
    removal = await kept.personal_data.erase(customer)
    assert removal.rows["messages"] == 2
    assert removal.rows["facts"] == removal.rows["traces"] == removal.rows["files"] == removal.rows["feedback"] == 1
    left = await everything(kept)
    assert SECRET not in left
    assert "anna" not in left
    assert "Benedict" in left
    assert await kept.personal_data.compact()
    contents = await asyncio.to_thread(all_bytes, tmp_path)
    assert SECRET.encode() not in contents
    assert b"Benedict" in contents


async def test_without_rewriting_the_file_removed_words_are_overwritten_too(
    sqlite_url: str, streams: LocalStreams, clock: MovableClock, tmp_path: Path
) -> None:
    async with opened(sqlite_url, streams, clock, files=tmp_path / "files") as store:
        for number in range(30):
            await told(store, f"user{number}", f"{SECRET} {number} " + "word " * (number * 20))
        for number in range(30):
            (person,) = await store.personal_data.find(f"api:user{number}")
            await store.personal_data.erase(person.customer_id)
        assert await store.personal_data.empty_log()
        contents = await asyncio.to_thread(all_bytes, tmp_path)
    assert SECRET.encode() not in contents


async def test_a_file_that_somebody_else_has_sent_too_stays_for_them(kept: Store) -> None:
    customer = await told(kept)
    same = await kept.files.save(SECRET.encode(), mime="text/plain", name="mine.txt")
    await kept.personal_data.erase(customer)
    assert (await kept.files.load(same)).content == SECRET.encode()


async def test_a_turn_under_way_brings_nothing_back(kept: Store) -> None:
    customer = await told(kept)
    await kept.inbox.accept(incoming("and my address?", user="anna"))
    turn = await claimed(kept)
    await kept.personal_data.erase(customer)
    with pytest.raises(LeaseLost):
        await kept.turns.commit(turn, draft(SECRET, learned=(NewFact("name", SECRET, turn.messages[0].id, SECRET),)))
    assert SECRET not in await everything(kept)


async def test_a_delivery_under_way_brings_nothing_back(kept: Store) -> None:
    customer = await told(kept)
    delivery = await due(kept)
    await kept.personal_data.erase(customer)
    await kept.progress.sent_part(delivery, SECRET)
    await kept.outbox.sent(delivery, SECRET)
    assert SECRET not in await everything(kept)


async def test_who_writes_again_is_a_new_person(kept: Store) -> None:
    customer = await told(kept)
    await kept.personal_data.erase(customer)
    assert await told(kept, words="Somebody") != customer


async def test_words_in_the_conversation_of_another_are_erased_and_its_numbers_stay(kept: Store) -> None:
    await told(kept, "ben", "Benedict")
    await kept.inbox.accept(incoming(SECRET, user="anna", conversation="ben-1"))
    await answered(kept, f"Hello {SECRET}")
    (person,) = await kept.personal_data.find("api:anna")
    await kept.personal_data.erase(person.customer_id)
    said = [(message.number, message.text) for message in await kept.history.messages("api", "ben-1")]
    assert said == [(1, "Benedict"), (2, "Hello Benedict"), (3, "[erased]"), (4, "[erased]")]
    assert SECRET not in await everything(kept)


async def test_the_wish_of_the_person_is_answered_where_it_was_said_and_nothing_else_is_left(kept: Store) -> None:
    customer = await told(kept)
    await kept.inbox.accept(incoming("/forget everything", user="anna"))
    turn = await claimed(kept)
    await kept.personal_data.erase(customer, sparing=turn.conversation.id)
    assert not await kept.personal_data.is_delivered(turn.conversation.id)
    await kept.turns.commit(turn, draft("All is erased."))
    said = [message.text for message in await kept.history.messages("api", "anna-1")]
    assert said == ["/forget everything", "All is erased."]
    assert SECRET not in await everything(kept)
    await kept.outbox.sent(await due(kept), None)
    assert await kept.personal_data.is_delivered(turn.conversation.id)
    await kept.personal_data.erase(customer)
    assert "anna" not in await everything(kept)


async def test_an_export_has_all_that_is_stored(kept: Store) -> None:
    customer = await told(kept)
    export = await kept.personal_data.export(customer)
    (conversation,) = export["conversations"]
    assert [message["text"] for message in conversation["messages"]] == [SECRET, f"Hello {SECRET}"]
    assert conversation["traces"][0]["content"] == {"query": SECRET}
    assert [fact["value"] for fact in export["facts"]] == [SECRET]
    assert export["accounts"][0]["external_id"] == "anna"
    assert export["feedback"][0]["comment"] == SECRET


async def test_people_are_found_by_account_id_customer_and_conversation(kept: Store) -> None:
    customer = await told(kept)
    turn = (await kept.history.conversations())[0].conversation
    for user in ("api:anna", "anna", customer, turn.id, "anna-1"):
        assert [each.customer_id for each in await kept.personal_data.find(user)] == [customer]
    await kept.inbox.accept(incoming("hi", user="ben", conversation="anna-1"))
    assert len(await kept.personal_data.find("anna-1")) == 2
    assert await kept.personal_data.find("nobody") == []
    with pytest.raises(NotFound):
        await kept.personal_data.erase("nobody")


async def test_old_conversations_go_with_their_files_and_people(
    kept: Store, clock: MovableClock, tmp_path: Path
) -> None:
    await told(kept)
    clock.forward(10 * 86400)
    await told(kept, "ben", "Benedict")
    assert await kept.personal_data.expire(clock.now - timedelta(days=5)) == 1
    left = await everything(kept)
    assert SECRET not in left
    assert "Benedict" in left
    names = [path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert names == [b"Benedict"]


async def test_what_is_still_to_be_answered_is_not_old(kept: Store, clock: MovableClock) -> None:
    await kept.inbox.accept(incoming("hello?"))
    clock.forward(10 * 86400)
    assert await kept.personal_data.expire(clock.now) == 0


async def test_files_that_nothing_names_go_after_a_day(kept: Store, clock: MovableClock, tmp_path: Path) -> None:
    await told(kept)
    lost = await kept.files.save(b"lost", mime="text/plain", name="lost.txt")
    assert await kept.personal_data.sweep() == 0
    clock.forward(2 * 86400)
    assert await kept.personal_data.sweep() == 1
    with pytest.raises(NotFound):
        await kept.files.load(lost)
    assert await kept.database.read(lambda connection: len(connection.execute(select(Files.id)).all())) == 1


def test_every_table_that_names_a_person_is_known() -> None:
    """A new table that refers to people, conversations or messages has to be taken into account by an erasure."""
    people = {"customers", "identities", "conversations", "messages", "deliveries"}
    tables = Table.metadata.sorted_tables
    assert {table.name for table in tables if {key.column.table.name for key in table.foreign_keys} & people} == {
        *("identities", "conversations", "messages", "deliveries", "parts", "traces", "feedback", "facts"),
        *("link_codes", "summaries", "pictures", "withheld"),
    }
