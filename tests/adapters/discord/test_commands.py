"""Slash commands and buttons."""

from __future__ import annotations

import asyncio

import pytest

from adapters.playground.discord import DiscordServer, Interaction, Message
from bot.messages import Accepted, Attachment, Citation, Draft, Incoming, Turn
from bot.protocols import Publish
from tests.adapters.discord.examples import Place, answers, ask, connected, draft, running, said, texts

REGISTER = "PUT /applications/{application_id}/commands"
REGISTER_THERE = "PUT /applications/{application_id}/guilds/{guild_id}/commands"


async def original(server: DiscordServer, interaction: Interaction) -> Message:
    """The first answer to an interaction, when it is there."""
    await server.until(lambda: interaction.original is not None and not interaction.original.is_loading)
    assert interaction.original is not None
    return interaction.original


async def test_commands_are_registered_once_and_again_when_they_change(server: DiscordServer, place: Place) -> None:
    for _ in range(2):
        async with running(server, place) as bot:
            await connected(bot)
    assert len(server.requests.of(REGISTER)) == 1
    async with running(server, place, commands={"ask": {"en": "Ask me", "zh": "提问"}}) as bot:
        await connected(bot)
    (command,) = (
        server.commands.find_all() if hasattr(server.commands, "find_all") else [server.commands.find("ask", None)]
    )
    assert len(server.requests.of(REGISTER)) == 2
    assert command["description_localizations"]["zh-CN"] == "提问"


async def test_commands_may_be_for_some_servers_only(server: DiscordServer, place: Place) -> None:
    guild = server.guild("Shop")
    async with running(server, place, guild_ids=(guild.id,)) as bot:
        await connected(bot)
    assert len(server.requests.of(REGISTER_THERE)) == 1
    assert not server.requests.of(REGISTER)


async def test_a_command_is_acknowledged_and_then_filled(server: DiscordServer, any_place: Place) -> None:
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, any_place) as bot:
        await connected(bot)
        answer = await original(server, anna.use_command(channel, "ask", question="what is new?"))
    assert answer.content == "You said: /ask what is new?"
    assert not answer.is_ephemeral


async def test_a_slow_answer_fills_the_command_in_the_end(server: DiscordServer, place: Place) -> None:
    go_on = asyncio.Event()

    async def slow(turn: Turn, publish: Publish) -> Draft:
        await go_on.wait()
        return draft("at last")

    anna = server.person("Anna")
    async with running(server, place, slow) as bot:
        await connected(bot)
        interaction = anna.use_command(anna.direct, "ask", question="?")
        await server.until(lambda: interaction.acknowledged_by)
        go_on.set()
        assert (await original(server, interaction)).content == "at last"


async def test_after_fifteen_minutes_the_answer_is_a_message(server: DiscordServer, place: Place) -> None:
    go_on = asyncio.Event()

    async def slow(turn: Turn, publish: Publish) -> Draft:
        await go_on.wait()
        return draft("at last")

    anna = server.person("Anna")
    async with running(server, place, slow) as bot:
        await connected(bot)
        interaction = anna.use_command(anna.direct, "ask", question="?")
        await server.until(lambda: interaction.acknowledged_by)
        server.clock.advance(16 * 60)
        go_on.set()
        found = await server.until(
            lambda: [each for each in server.written_by_bot(anna.direct) if each.content == "at last"]
        )
    assert len(found) == 1
    assert found[0].interaction is None


async def test_a_late_answer_for_one_person_comes_in_a_direct_message(server: DiscordServer, place: Place) -> None:
    go_on = asyncio.Event()

    async def slow(turn: Turn, publish: Publish) -> Draft:
        await go_on.wait()
        return draft("all about you")

    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place, slow) as bot:
        await connected(bot)
        interaction = anna.use_command(channel, "me")
        await server.until(lambda: interaction.acknowledged_by)
        server.clock.advance(16 * 60)
        go_on.set()
        await server.until(lambda: "all about you" in texts(server, anna.direct))
    assert "all about you" not in texts(server, channel)


async def test_a_slow_database_does_not_keep_a_command_waiting(
    server: DiscordServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acknowledgement comes within Discord's three seconds, though the message is not stored yet."""
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        store, go_on = bot.store.inbox.accept, asyncio.Event()

        async def slow(incoming: Incoming) -> Accepted:
            await go_on.wait()
            return await store(incoming)

        monkeypatch.setattr(bot.store.inbox, "accept", slow)
        interaction = anna.use_command(anna.direct, "ask", question="hello?")
        await server.until(lambda: interaction.acknowledged_by)
        go_on.set()
        assert (await original(server, interaction)).content == "You said: /ask hello?"


async def test_what_is_stored_about_a_person_is_told_to_nobody_else(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place) as bot:
        await connected(bot)
        answer = await original(server, anna.use_command(channel, "me"))
    assert answer.is_ephemeral


async def test_a_long_answer_to_a_command_goes_on_in_the_channel(server: DiscordServer, place: Place) -> None:
    text = " ".join(f"word{number}" for number in range(500))

    async def long(turn: Turn, publish: Publish) -> Draft:
        return draft(text)

    anna = server.person("Anna")
    async with running(server, place, long) as bot:
        await connected(bot)
        anna.use_command(anna.direct, "help")
        parts = await answers(server, anna.direct, 2)
        await server.until(lambda: not parts[0].is_loading)
    assert " ".join(" ".join(part.content for part in parts).split()) == text


async def test_a_command_while_a_person_has_the_conversation_is_told_so(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        await ask(server, anna, "hello")
        (overview,) = await bot.store.desk.inbox("all")
        await bot.store.desk.take(overview.conversation.id)
        answer = await original(server, anna.use_command(anna.direct, "ask", question="are you there?"))
    assert "person" in answer.content


async def rich(turn: Turn, publish: Publish) -> Draft:
    quote = Citation("p1", "Shipping", "https://shop.example/shipping", "Three *days*.")
    return draft(f"You said: {said(turn)}", citations=(quote,), quick_replies=("Talk to a person", "No"))


async def test_a_quick_reply_is_said_by_its_button(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place, rich) as bot:
        await connected(bot)
        answer = await ask(server, anna, "hello")
        labels = [button["label"] for button in answer.buttons]
        pressed = anna.press(answer, answer.buttons[0]["custom_id"])
        assert (await original(server, pressed)).content == "You said: Talk to a person"
    assert labels == ["Talk to a person", "No", "Sources"]


async def test_sources_are_shown_to_the_one_who_presses(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place, rich) as bot:
        await connected(bot)
        answer = await ask(server, anna, "hello")
        shown = await original(server, anna.press(answer, answer.buttons[-1]["custom_id"]))
    assert shown.is_ephemeral
    assert "https://shop.example/shipping" in shown.content
    assert r"Three \*days\*." in shown.content


async def test_a_button_of_another_person_is_not_for_you(server: DiscordServer, place: Place) -> None:
    anna, ben = server.person("Anna"), server.person("Ben")
    channel = server.text_channel(server.guild("Shop", [anna, ben]), "general")
    async with running(server, place, rich) as bot:
        await connected(bot)
        answer = await server.reply(anna.mention(channel, "hello"))
        for button in (answer.buttons[0], answer.buttons[-1]):
            told = await original(server, ben.press(answer, button["custom_id"]))
            assert told.is_ephemeral
            assert "another person" in told.content
        messages = await bot.store.history.messages("discord", f"{channel.id}/{anna.id}")
    assert [message.text for message in messages if message.role == "user"] == ["hello"]


async def test_a_picture_comes_with_the_answer_and_as_a_file(server: DiscordServer, place: Place) -> None:
    pictures: list[Attachment] = []

    async def picture(turn: Turn, publish: Publish) -> Draft:
        return draft("Here.", attachments=tuple(pictures))

    anna = server.person("Anna")
    async with running(server, place, picture) as bot:
        url = await bot.store.files.save(b"PNG", mime="image/png", name="cat.png")
        pictures.append(Attachment("image", url, "image/png", name="cat.png"))
        await connected(bot)
        answer = await ask(server, anna, "a cat")
        shown = await original(server, anna.press(answer, answer.buttons[0]["custom_id"]))
    assert [file.upload.content for file in (*answer.attachments, *shown.attachments)] == [b"PNG", b"PNG"]
    assert shown.is_ephemeral


async def test_a_file_over_the_limit_gets_a_word(server: DiscordServer, place: Place) -> None:
    pictures: list[Attachment] = []

    async def picture(turn: Turn, publish: Publish) -> Draft:
        return draft("Here.", attachments=tuple(pictures))

    anna = server.person("Anna")
    async with running(server, place, picture, attachment_bytes=10) as bot:
        url = await bot.store.files.save(b"x" * 11, mime="image/png", name="cat.png")
        pictures.append(Attachment("image", url, "image/png", name="cat.png"))
        await connected(bot)
        answer = await ask(server, anna, "a cat")
    assert not answer.attachments
    assert answer.content.startswith("Here.")
    assert "cat.png" in answer.content
    assert "too large" in answer.content
