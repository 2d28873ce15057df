"""People and a bot of discord.py talk on the server."""

from __future__ import annotations

import asyncio
import io

import discord
import pytest

from adapters.playground.discord import DiscordServer, Upload
from tests.adapters.playground.discord.conftest import EchoClient, soon
from tests.adapters.playground.discord.examples import PNG


async def test_a_direct_message_is_answered(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    question = alice.write(alice.direct, "Hello")
    reply = await server.reply(question)
    assert reply.content == "Hello"
    assert reply.answers is question


async def test_a_mention_in_a_guild_is_answered(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    channel = server.text_channel(server.guild("Shop", [alice]), "help")
    reply = await server.reply(alice.mention(channel, "is it open?"))
    assert reply.content.endswith("is it open?")


async def test_the_client_knows_the_guild_its_channels_and_members(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    guild = server.guild("Shop", [alice])
    channel = server.text_channel(guild, "help")
    await server.reply(alice.write(channel, "hi"))
    seen = echo.get_guild(int(guild.id))
    assert seen is not None
    assert [each.name for each in seen.text_channels] == ["help"]
    assert seen.get_member(int(alice.id)) is not None


async def test_a_message_is_sent_edited_and_deleted(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    channel = echo.get_partial_messageable(int(alice.direct.id))
    sent = await channel.send("one")
    stored = alice.direct.messages[str(sent.id)]
    await sent.edit(content="two")
    assert (stored.content, stored.history) == ("two", ["one"])
    assert (await channel.fetch_message(sent.id)).content == "two"
    await sent.delete()
    with pytest.raises(discord.NotFound) as missing:
        await channel.fetch_message(sent.id)
    assert missing.value.code == 10008


async def test_files_go_both_ways(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    received: asyncio.Queue[discord.Message] = asyncio.Queue()

    @echo.event
    async def on_message(message: discord.Message) -> None:
        received.put_nowait(message)

    alice.write(alice.direct, files=[Upload("shoe.png", PNG, "image/png")])
    attachment = (await soon(received)).attachments[0]
    assert (attachment.width, attachment.height) == (2, 3)
    assert await attachment.read() == PNG

    picture = discord.File(io.BytesIO(PNG), "answer.png", description="A shoe")
    sent = await echo.get_partial_messageable(int(alice.direct.id)).send("Here", file=picture)
    upload = alice.direct.messages[str(sent.id)].attachments[0].upload
    assert (upload.filename, upload.content, upload.description) == ("answer.png", PNG, "A shoe")


async def test_an_edit_keeps_the_files_that_it_lists_and_adds_others(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    files = [discord.File(io.BytesIO(name.encode()), name) for name in ("one.txt", "two.txt")]
    sent = await echo.get_partial_messageable(int(alice.direct.id)).send(files=files)
    await sent.edit(attachments=[sent.attachments[1], discord.File(io.BytesIO(b"three"), "three.txt")])
    [stored] = server.written_by_bot(alice.direct)
    assert [each.upload.filename for each in stored.attachments] == ["two.txt", "three.txt"]


async def test_an_attachment_ends_after_a_day(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    message = await echo.get_partial_messageable(int(alice.direct.id)).send(
        file=discord.File(io.BytesIO(b"x"), "a.txt")
    )
    server.clock.advance(24 * 3600 + 1)
    with pytest.raises(discord.NotFound):
        await message.attachments[0].read()


async def test_the_same_nonce_returns_the_first_message(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    channel = echo.get_partial_messageable(int(alice.direct.id))
    first = await channel.send("once", nonce="reply-1-0")
    assert (await channel.send("once", nonce="reply-1-0")).id == first.id
    server.clock.advance(400)
    assert (await channel.send("once", nonce="reply-1-0")).id != first.id
    assert len(server.written_by_bot(alice.direct)) == 2


async def test_pings_of_the_model_can_be_switched_off(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    channel = server.text_channel(server.guild("Shop", [alice]), "help")
    await echo.get_partial_messageable(int(channel.id)).send(
        f"@everyone <@{alice.id}>", allowed_mentions=discord.AllowedMentions.none()
    )
    [message] = server.written_by_bot(channel)
    assert not message.mentions_everyone
    assert message.mentions == []


async def test_typing_is_seen(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    async with echo.get_partial_messageable(int(alice.direct.id)).typing():
        await server.until(lambda: alice.direct.typing)
    assert alice.direct.typing[-1][0] == server.bot.id


async def test_reactions_go_both_ways(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    seen: asyncio.Queue[discord.RawReactionActionEvent] = asyncio.Queue()

    @echo.event
    async def on_raw_reaction_add(event: discord.RawReactionActionEvent) -> None:
        seen.put_nowait(event)

    question = alice.write(alice.direct, "Was it good?")
    reply = await server.reply(question)
    alice.react(reply, "👍")
    event = await soon(seen)
    assert (str(event.emoji), str(event.user_id), str(event.message_id)) == ("👍", alice.id, reply.id)

    channel = echo.get_partial_messageable(int(alice.direct.id))
    await channel.get_partial_message(int(question.id)).add_reaction("🎉")
    assert question.reactions == {"🎉": [server.bot.id]}


async def test_edits_and_deletions_of_people_are_told(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    told: asyncio.Queue[tuple[str, int]] = asyncio.Queue()

    @echo.event
    async def on_raw_message_edit(event: discord.RawMessageUpdateEvent) -> None:
        told.put_nowait(("edited " + event.data["content"], event.message_id))

    @echo.event
    async def on_raw_message_delete(event: discord.RawMessageDeleteEvent) -> None:
        told.put_nowait(("deleted", event.message_id))

    message = alice.write(alice.direct, "Helo")
    alice.edit(message, "Hello")
    alice.delete(message)
    assert [await soon(told), await soon(told)] == [("edited Hello", int(message.id)), ("deleted", int(message.id))]


async def test_threads_with_and_without_a_message(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    channel = server.text_channel(server.guild("Shop", [alice]), "help")
    await server.reply(alice.write(channel, "A question"))
    seen = echo.get_channel(int(channel.id))
    assert isinstance(seen, discord.TextChannel)

    question = next(iter(channel.messages.values()))
    thread = await seen.get_partial_message(int(question.id)).create_thread(name="A question")
    assert str(thread.id) == question.id
    await thread.send("The answer")
    assert [message.content for message in server.written_by_bot(server.world.channel(question.id))] == [
        "",
        "The answer",
    ]
    with pytest.raises(discord.HTTPException) as twice:
        await seen.get_partial_message(int(question.id)).create_thread(name="Again")
    assert twice.value.code == 160004

    free = await seen.create_thread(name="By itself", type=discord.ChannelType.public_thread)
    await free.edit(archived=True)
    assert server.world.channel(str(free.id)).archived


async def test_a_thread_of_the_person_reaches_the_bot(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    channel = server.text_channel(server.guild("Shop", [alice]), "help")
    await server.reply(alice.write(channel, "A question"))
    seen = echo.get_channel(int(channel.id))
    assert isinstance(seen, discord.TextChannel)
    thread = await seen.create_thread(name="Here", type=discord.ChannelType.public_thread)
    assert (await server.reply(alice.write(server.world.channel(str(thread.id)), "And now?"))).content == "And now?"


async def test_history_is_paged(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    server.limits.rules.clear()
    written = [alice.write(alice.direct, str(number)) for number in range(12)]
    await server.until(lambda: len(server.written_by_bot(alice.direct)) == 12)
    channel = echo.get_partial_messageable(int(alice.direct.id))
    since = discord.Object(int(written[3].id))
    assert [message.content async for message in channel.history(limit=4, after=since)] == ["4", "5", "6", "7"]
    newest = [message.content async for message in channel.history(limit=3)]
    assert newest == [message.content for message in server.written_by_bot(alice.direct)[:-4:-1]]


async def test_a_direct_channel_is_opened_by_the_bot(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    user = await echo.fetch_user(int(alice.id))
    await user.send("Your parcel is there")
    assert [message.content for message in server.written_by_bot(alice.direct)] == ["Your parcel is there"]
