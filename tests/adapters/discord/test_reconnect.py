"""The connection breaks, and nothing that customers write is lost or answered twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.discord import examine
from adapters.discord.incoming import gateway
from adapters.playground.discord import DiscordServer, Intent
from bot.errors import ChannelError
from tests.adapters.discord.examples import Place, answers, ask, connected, options_of, running, texts

Break = Callable[[DiscordServer], None]
RESUMED: dict[str, Break] = {
    "reconnect": lambda server: server.gateway.reconnect(),
    "resumable": lambda server: server.gateway.invalidate(resumable=True),
    "close 4000": lambda server: server.gateway.close(4000),
    "dropped": lambda server: server.gateway.drop(),
}


@pytest.mark.parametrize("how", RESUMED)
async def test_a_broken_connection_goes_on_where_it_was(server: DiscordServer, place: Place, how: str) -> None:
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        await ask(server, anna, "before")
        RESUMED[how](server)
        anna.write(anna.direct, "while it is away")
        await answers(server, anna.direct, 2)
        await connected(bot)
        assert (await ask(server, anna, "after")).content == "You said: after"
    assert texts(server, anna.direct) == [f"You said: {word}" for word in ("before", "while it is away", "after")]
    assert server.gateway.counts["identify"] == 1


async def test_a_connection_that_does_not_come_back_is_begun_anew(
    server: DiscordServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library itself would go on trying, with pauses that grow to minutes."""
    monkeypatch.setattr(gateway, "MOST_SECONDS_AWAY", 0.2)
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        await ask(server, anna, "before")
        server.gateway.refuses = True
        server.gateway.drop()
        await bot.status.until(lambda: any("was away" in reason for reason in bot.status.reasons))
        anna.write(anna.direct, "meanwhile")
        server.gateway.refuses = False
        await connected(bot, times=2)
        await server.until(lambda: texts(server, anna.direct) == ["You said: before", "You said: meanwhile"])


async def test_what_was_written_while_the_bot_was_off_is_answered_at_its_next_start(
    server: DiscordServer, any_place: Place
) -> None:
    anna, ben = server.person("Anna"), server.person("Ben")
    channel = server.text_channel(server.guild("Shop", [anna, ben]), "general")
    async with running(server, any_place) as bot:
        await connected(bot)
        await ask(server, anna, "one")
        await server.reply(ben.mention(channel, "one"))
    anna.write(anna.direct, "two")
    anna.write(anna.direct, "three")
    ben.write(channel, "not for the bot")
    ben.mention(channel, "two")
    async with running(server, any_place) as bot:
        await connected(bot)
        anna.write(anna.direct, "four")
        ben.mention(channel, "three")
        await server.until(lambda: "four" in " ".join(texts(server, anna.direct)))
        await server.until(lambda: "three" in " ".join(texts(server, channel)))
        said = [
            [message.text for message in await bot.store.history.messages("discord", where) if message.role == "user"]
            for where in (anna.direct.id, f"{channel.id}/{ben.id}")
        ]
    assert said == [["one", "two", "three", "four"], ["one", "two", "three"]]


async def test_what_was_written_between_two_sessions_is_answered(server: DiscordServer, place: Place) -> None:
    people = [server.person(name) for name in ("Anna", "Ben", "Cleo")]
    async with running(server, place) as bot:
        await connected(bot)
        for person in people:
            await ask(server, person, "before")
        server.gateway.invalidate()
        for person in people:
            person.write(person.direct, "between")
        await connected(bot, times=2)
        for person in people:
            person.write(person.direct, "after")
            await server.until(lambda person=person: "after" in " ".join(texts(server, person.direct)))  # type: ignore[misc]
        for person in people:
            messages = await bot.store.history.messages("discord", person.direct.id)
            said = [message.text for message in messages if message.role == "user"]
            assert said == ["before", "between", "after"]
    assert server.gateway.counts["identify"] == 2


async def test_a_session_that_ends_before_its_servers_are_known_leaves_its_gap_to_the_next(
    server: DiscordServer, place: Place
) -> None:
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        await ask(server, anna, "one")
    async with running(server, place) as bot:
        await connected(bot)
        server.gateway.invalidate()
        looked_at = "GET /channels/{channel_id}/messages"
        await server.until(lambda: [each for each in server.requests.of(looked_at) if each.status == 200])
        anna.write(anna.direct, "two")
        await connected(bot, times=2)
        anna.write(anna.direct, "three")
        await server.until(lambda: "three" in " ".join(texts(server, anna.direct)))
        messages = await bot.store.history.messages("discord", anna.direct.id)
    assert [message.text for message in messages if message.role == "user"] == ["one", "two", "three"]


@pytest.mark.usefixtures("prompt")
async def test_shards_share_the_servers_and_each_comes_back(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    guilds = [server.guild(f"Shop {number}", [anna]) for number in range(4)]
    channels = [server.text_channel(guild, "general") for guild in guilds]
    async with running(server, place, shards=2) as bot:
        await server.connected(2)
        await connected(bot)
        for channel in channels:
            await server.reply(anna.mention(channel, "before"))
        server.gateway.reconnect()
        for channel in channels:
            anna.mention(channel, "after")
        for channel in channels:
            await answers(server, channel, 2)
        assert (await ask(server, anna, "hello")).content == "You said: hello"
    assert [texts(server, channel) for channel in channels] == [["You said: before", "You said: after"]] * 4


@pytest.mark.usefixtures("prompt")
async def test_discord_may_say_how_many_shards(server: DiscordServer, place: Place) -> None:
    server.gateway.recommended_shards = 2
    async with running(server, place, shards="auto") as bot:
        await server.connected(2)
        await connected(bot)


async def test_a_server_that_is_away_at_first_is_found_later(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    await server.stop()
    async with running(server, place) as bot:
        await bot.status.until(lambda: len(bot.status.reasons) >= 2)
        await server.start()
        await connected(bot)
        assert (await ask(server, anna, "hello")).content == "You said: hello"


async def test_a_gateway_that_refuses_the_very_first_connection_is_tried_again(
    server: DiscordServer, place: Place
) -> None:
    anna = server.person("Anna")
    async with running(server, place, gateway_url=f"{server.base_url.replace('http', 'ws')}/nowhere") as bot:
        await bot.status.until(lambda: len(bot.status.reasons) >= 2)
        assert not server.gateway.counts["identify"]
    async with running(server, place) as bot:
        await connected(bot)
        assert (await ask(server, anna, "hello")).content == "You said: hello"


async def test_a_missing_privilege_is_said_with_the_switch_that_gives_it(server: DiscordServer, place: Place) -> None:
    server.gateway.allowed_intents = Intent(0)
    async with running(server, place) as bot:
        await bot.status.until(lambda: bot.status.reasons)
        assert "Message Content Intent" in bot.status.reasons[0]
        server.gateway.allowed_intents = Intent.MESSAGE_CONTENT
        await connected(bot)
    with_text = server.gateway.counts["identify"]
    server.gateway.allowed_intents = Intent(0)
    async with running(server, place, guilds="off") as bot:
        await connected(bot)
    assert server.gateway.counts["identify"] == with_text + 1


async def test_a_refused_token_is_said_once(server: DiscordServer, place: Place) -> None:
    async with running(server, place, token="wrong") as bot:
        await bot.status.until(lambda: len(bot.status.reasons) >= 2)
    assert len(set(bot.status.reasons)) == 1
    assert "Reset Token" in bot.status.reasons[0]
    assert "wrong" not in bot.status.reasons[0]


@pytest.mark.parametrize(("code", "word"), [(4004, "Reset Token"), (4011, "discord.shards"), (4013, "intents")])
async def test_a_fatal_close_is_said_in_words(server: DiscordServer, place: Place, code: int, word: str) -> None:
    async with running(server, place) as bot:
        await connected(bot)
        server.gateway.close(code)
        await bot.status.until(lambda: any(word in reason for reason in bot.status.reasons))
        await connected(bot, times=2)


async def test_the_doctor_tells_the_name_and_the_invitation(server: DiscordServer) -> None:
    found = await examine(options_of(server))
    assert found.startswith("parley#")
    assert f"client_id={server.application_id}" in found
    assert "scope=bot+applications.commands" in found


async def test_the_doctor_tells_what_is_missing(server: DiscordServer) -> None:
    with pytest.raises(ChannelError, match="Reset Token"):
        await examine(options_of(server, token="wrong"))
    with pytest.raises(ChannelError, match="application_id"):
        await examine(options_of(server, application_id="12345"))
    server.gateway.allowed_intents = Intent(0)
    with pytest.raises(ChannelError, match="Message Content Intent"):
        await examine(options_of(server))
    assert "not needed" in await examine(options_of(server, guilds="off"))
    await server.stop()
    with pytest.raises(ChannelError, match="cannot be asked"):
        await examine(options_of(server))


async def test_nothing_stays_open_after_many_starts(server: DiscordServer, place: Place) -> None:
    for _ in range(5):
        async with running(server, place) as bot:
            await connected(bot)
    await server.until(lambda: not server.gateway.connections)
    names = {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    assert not {name for name in names if name.startswith("discord.py")}
