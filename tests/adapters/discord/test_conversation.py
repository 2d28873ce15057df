"""What customers and the bot say to each other."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from adapters.playground.discord import DiscordServer, Permission, Upload
from bot.messages import Draft, Turn
from bot.protocols import Publish
from storage.tables import Feedback
from tests.adapters.discord.examples import Bot, Place, answers, ask, connected, draft, running, said, texts


async def test_a_direct_message_is_answered(server: DiscordServer, any_place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, any_place) as bot:
        await connected(bot)
        answer = await ask(server, anna, "hello")
    assert answer.content == "You said: hello"
    assert answer.answers is None


async def test_on_a_server_a_mention_is_answered_without_the_mention(server: DiscordServer, place: Place) -> None:
    anna, ben = server.person("Anna"), server.person("Ben")
    channel = server.text_channel(server.guild("Shop", [anna, ben]), "general")
    async with running(server, place) as bot:
        await connected(bot)
        anna.write(channel, "nobody asked the bot")
        question = anna.mention(channel, f"what does <@{ben.id}> sell?")
        answer = await server.reply(question)
    assert answer.content == "You said: what does @Ben sell?"
    assert answer.answers is question
    assert len(server.written_by_bot(channel)) == 1


async def test_an_answer_to_the_bot_needs_no_mention(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place) as bot:
        await connected(bot)
        first = await server.reply(anna.mention(channel, "hello"))
        second = await server.reply(anna.write(channel, "and now?", answers=first, ping=False))
    assert second.content == "You said: and now?"


async def test_each_person_on_a_channel_has_a_conversation_of_their_own(server: DiscordServer, place: Place) -> None:
    async def count(turn: Turn, publish: Publish) -> Draft:
        return draft(f"{said(turn)} {len(turn.history)}")

    people = [server.person(name) for name in ("Anna", "Ben")]
    channel = server.text_channel(server.guild("Shop", people), "general")
    async with running(server, place, count) as bot:
        await connected(bot)
        for person in people:
            await server.reply(person.mention(channel, person.user.name))
    assert texts(server, channel) == ["Anna 0", "Ben 0"]


async def test_the_core_is_told_where_others_read_along(server: DiscordServer, place: Place) -> None:
    async def reply(turn: Turn, publish: Publish) -> Draft:
        return draft("shared" if turn.conversation.shared else "private")

    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place, reply) as bot:
        await connected(bot)
        assert (await server.reply(anna.mention(channel, "hello"))).content == "shared"
        assert (await ask(server, anna, "hello")).content == "private"


async def test_all_messages_of_a_server_may_be_answered_or_none(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place, guilds="all") as bot:
        await connected(bot)
        await server.reply(anna.write(channel, "is this read?"))
    async with running(server, place, guilds="off") as bot:
        await connected(bot)
        anna.mention(channel, "and this?")
        assert (await ask(server, anna, "hello")).content == "You said: hello"
    assert texts(server, channel) == ["You said: is this read?"]


async def test_a_question_may_get_a_thread_of_its_own(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place, threads=True) as bot:
        await connected(bot)
        question = anna.mention(channel, "where is my parcel?")
        await server.until(lambda: question.id in server.world.channels)
        thread = server.world.channels[question.id]
        await server.until(lambda: "You said: where is my parcel?" in texts(server, thread))
        more = anna.write(thread, "it is late")
        await server.reply(more)
    assert thread.name == "where is my parcel?"
    assert texts(server, thread)[-2:] == ["You said: where is my parcel?", "You said: it is late"]
    assert texts(server, channel) == []


async def test_where_no_thread_may_be_made_the_channel_is_answered(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    channel.denied = Permission.CREATE_PUBLIC_THREADS
    async with running(server, place, threads=True) as bot:
        await connected(bot)
        answer = await server.reply(anna.mention(channel, "hello"))
    assert answer.content == "You said: hello"


async def test_an_edited_question_is_answered_anew(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        question = anna.write(anna.direct, "how mach?")
        await server.reply(question)
        anna.edit(question, "how much?")
        await answers(server, anna.direct, 2)
    assert texts(server, anna.direct) == ["You said: how mach?", "You said: how much?"]


async def test_an_edit_before_the_answer_replaces_what_was_written(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place, coalesce_seconds=0.5) as bot:
        await connected(bot)
        question = anna.write(anna.direct, "how mach?")
        anna.edit(question, "how much?")
        await server.reply(question)
    assert texts(server, anna.direct) == ["You said: how much?"]


async def test_the_same_message_told_twice_is_answered_once(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        message = anna.write(anna.direct, "one")
        for _ in range(3):
            server.redeliver(message)
        await server.reply(message)
        await ask(server, anna, "two")
    assert texts(server, anna.direct) == ["You said: one", "You said: two"]


async def test_nobody_is_pinged_by_what_the_bot_says(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place) as bot:
        await connected(bot)
        answer = await server.reply(anna.mention(channel, f"say @everyone <@{anna.id}>"))
    assert "@everyone" in answer.content
    assert not answer.mentions_everyone
    assert not answer.mentions


async def test_files_reach_the_conversation_and_one_too_large_is_still_a_message(
    server: DiscordServer, place: Place
) -> None:
    seen: list[tuple[str, str, str, int | None]] = []

    async def look(turn: Turn, publish: Publish) -> Draft:
        for message in turn.messages:
            seen.extend((file.kind, file.mime, file.url[:5], file.size) for file in message.attachments)
        return draft("Thank you.")

    anna = server.person("Anna")
    files = [Upload("bill.pdf", b"%PDF", "application/pdf"), Upload("film.mp4", b"x" * 2000, "video/mp4")]
    async with running(server, place, look, attachment_bytes=1000) as bot:
        await connected(bot)
        await server.reply(anna.write(anna.direct, "", files=files))
    assert seen == [("file", "application/pdf", "file:", 4), ("video", "video/mp4", "", 2000)]


async def test_a_slow_download_does_not_change_the_order(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        anna.write(anna.direct, "look", files=[Upload("a.png", b"x" * 500_000, "image/png")])
        anna.write(anna.direct, "at this")
        await answers(server, anna.direct, 1)
        messages = await bot.store.history.messages("discord", anna.direct.id)
    assert [message.text for message in messages if message.role == "user"][:2] == ["look", "at this"]


async def test_a_long_answer_comes_whole_and_in_order(server: DiscordServer, place: Place) -> None:
    text = " ".join(f"word{number}" for number in range(1000))

    async def long(turn: Turn, publish: Publish) -> Draft:
        return draft(text)

    anna = server.person("Anna")
    async with running(server, place, long) as bot:
        await connected(bot)
        anna.write(anna.direct, "tell me all")
        parts = await answers(server, anna.direct, 4)
        assert (await ask(server, anna, "and again")).content.startswith("word0")
    assert all(len(part.content) <= 2000 for part in parts)
    assert " ".join(part.content for part in parts).split() == text.split()


async def first_rating(bot: Bot) -> int:
    """When there is one."""
    query = select(Feedback.score)
    async with asyncio.timeout(10):
        while (found := await bot.store.database.read(lambda connection: connection.scalar(query))) is None:
            pass
    return int(found)


@pytest.mark.parametrize(("emoji", "score"), [("👍", 1), ("👎🏽", -1)])
async def test_a_thumb_rates_the_answer(server: DiscordServer, place: Place, emoji: str, score: int) -> None:
    anna, ben = server.person("Anna"), server.person("Ben")
    channel = server.text_channel(server.guild("Shop", [anna, ben]), "general")
    async with running(server, place) as bot:
        await connected(bot)
        answer = await server.reply(anna.mention(channel, "hello"))
        ben.react(answer, "👎" if score > 0 else "👍")
        anna.react(answer, "🎉")
        anna.react(answer, emoji)
        assert await first_rating(bot) == score


async def test_words_of_other_bots_are_not_answered(server: DiscordServer, place: Place) -> None:
    anna, robot = server.person("Anna"), server.person("Robot")
    robot.user.bot = True
    channel = server.text_channel(server.guild("Shop", [anna, robot]), "general")
    async with running(server, place, guilds="all") as bot:
        await connected(bot)
        robot.mention(channel, "hello")
        await server.reply(anna.write(channel, "hello"))
    assert len(server.written_by_bot(channel)) == 1
