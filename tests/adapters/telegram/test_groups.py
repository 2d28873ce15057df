"""Groups, topics and business chats: who is answered, where, and what becomes of the place."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.playground.telegram import Person, TelegramServer
from bot.messages import Draft, Turn
from bot.protocols import Publish
from tests.adapters.telegram.examples import (
    draft,
    echo,
    options,
    ratings,
    running,
    saying,
    until_delivered,
    until_parked,
)


async def test_each_person_is_answered_by_a_reply_to_their_message(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    bob = server.person("Bob")
    group = server.group("Shop", ann, bob, administrator=True)
    async with running(database_url, tmp_path, options(server), echo):
        first = ann.write("@parley_bot where is it?", group)
        ann.write("by the way, hello all", group)
        second = bob.write("/ask@parley_bot and mine?", group)
        bob.write("/ask@other_bot not for you", group)
        await server.until_messages(group, 2)
        await server.until_confirmed()
    replies = {message["reply_to_message"]["message_id"]: message["text"] for message in server.bot_messages(group)}
    assert replies == {first.message_id: "where is it?", second.message_id: "/ask and mine?"}
    assert not server.limits.violation_count


async def test_a_reply_in_a_topic_stays_there(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    group = server.group("Shop", ann, forum=True, administrator=True)
    topic = group.add_topic("Orders", ann)
    async with running(sqlite_url, tmp_path, options(server, groups="all"), echo) as bot:
        ann.write("in the topic", group, topic=topic)
        ann.write("outside", group)
        await server.until_messages(group, 2)
        await until_delivered(bot.store)
        inside = await bot.store.history.messages("telegram", f"{group.id}/{topic}/{ann.id}")
    threads = {message["text"]: message.get("message_thread_id") for message in server.bot_messages(group)}
    assert threads == {"in the topic": topic, "outside": None}
    assert [message.text for message in inside] == ["in the topic", "in the topic"]


async def test_groups_can_be_left_out(server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path) -> None:
    group = server.group("Shop", ann)
    async with running(sqlite_url, tmp_path, options(server, groups="off"), echo):
        ann.write("@parley_bot hello", group)
        ann.write("in private")
        await server.until_messages(ann)
        await server.until_confirmed()
    assert not server.bot_messages(group)


async def test_only_the_person_who_was_answered_may_use_the_buttons_and_rate(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    bob = server.person("Bob", language_code="de")
    group = server.group("Shop", ann, bob, administrator=True)
    async with running(sqlite_url, tmp_path, options(server), saying("Well?", quick_replies=("Yes",))) as bot:
        ann.write("@parley_bot hello", group)
        [message] = await server.until_messages(group)
        await until_delivered(bot.store)
        stranger = bob.press(message["message_id"], "Yes", group)
        bob.react(message["message_id"], "👎", place=group)
        owner = ann.press(message["message_id"], "Yes", group)
        ann.react(message["message_id"], "👍", place=group)
        await server.until_messages(group, 2)
        await server.until_confirmed()
        assert await ratings(bot.store) == [1]
    answer = bob.callback_answer(stranger)
    assert answer is not None
    assert answer["text"].startswith("Dieser Knopf")
    assert not (ann.callback_answer(owner) or {}).get("text")


async def test_reactions_in_topics_count(server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path) -> None:
    group = server.group("Shop", ann, forum=True, administrator=True)
    topic = group.add_topic("Orders", ann)
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        ann.write("@parley_bot hello", group, topic=topic)
        [message] = await server.until_messages(group)
        await until_delivered(bot.store)
        ann.react(message["message_id"], "👍", place=group)
        await server.until_confirmed()
        assert await ratings(bot.store) == [1]


async def test_a_removed_bot_sends_nothing_more_to_the_group(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    group, go = server.group("Shop", ann), asyncio.Event()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        await go.wait()
        return await echo(turn, publish)

    async with running(database_url, tmp_path, options(server), reply) as bot:
        ann.write("@parley_bot one", group)
        await server.until_confirmed()
        group.set_bot("kicked", ann)
        await server.until_confirmed()
        go.set()
        await until_parked(bot.store)
    assert not server.bot_messages(group)


async def test_a_group_that_becomes_a_supergroup_keeps_its_conversations(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    group = server.group("Shop", ann)
    async with running(database_url, tmp_path, options(server), echo) as bot:
        ann.write("@parley_bot before", group)
        await server.until_text(group, "before")
        await until_delivered(bot.store)
        group.migrate(ann)
        await server.until_confirmed()
        ann.write("@parley_bot after", group)
        await server.until_text(group, "after")
        await until_delivered(bot.store)
        messages = await bot.store.history.messages("telegram", f"{group.id}/0/{ann.id}")
    assert [message.text for message in messages] == ["before", "before", "after", "after"]


async def test_a_reply_follows_a_group_that_has_moved_while_it_was_made(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    group = server.group("Shop", ann)

    async def reply(turn: Turn, publish: Publish) -> Draft:
        if turn.messages[-1].text == "move":
            group.migrate(ann)
            server.updates.drop_pending()  # the refusal alone says where the group is now
        return draft("word " * 1000)

    async with running(database_url, tmp_path, options(server), reply) as bot:
        ann.write("@parley_bot move", group)
        await server.until_messages(group, 2)
        await until_delivered(bot.store)
        messages = await bot.store.history.messages("telegram", f"{group.id}/0/{ann.id}")
    assert [message.role for message in messages] == ["user", "assistant"]
    assert len(server.bot_messages(group)) == 2


async def test_business_customers_are_answered_in_the_owners_name(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    owner = server.person("Olga")
    business = owner.connect_business()
    async with running(database_url, tmp_path, options(server), echo):
        ann.write("Do you ship to Malta?", business)
        chat = server.business_chat(business, ann)
        [message] = await server.until_messages(chat)
        await server.until_confirmed()
    assert message["text"] == "Do you ship to Malta?"
    assert message["business_connection_id"] == business.id


async def test_the_core_is_told_where_others_read_along(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async def reply(turn: Turn, publish: Publish) -> Draft:
        return draft("shared" if turn.conversation.shared else "private")

    group = server.group("Shop", ann, administrator=True)
    async with running(sqlite_url, tmp_path, options(server), reply):
        ann.write("@parley_bot hello", group)
        await server.until_messages(group)
        ann.write("hello")
        await server.until_messages(ann)
    assert [message["text"] for message in server.bot_messages(group)] == ["shared"]
    assert [message["text"] for message in server.bot_messages(ann)] == ["private"]
