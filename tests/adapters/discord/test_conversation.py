"""What customers and the bot say to each other."""

from __future__ import annotations

from adapters.playground.discord import DiscordServer
from tests.adapters.discord.examples import Place, ask, connected, running


async def test_a_direct_message_is_answered(server: DiscordServer, any_place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, any_place) as bot:
        await connected(bot)
        answer = await ask(server, anna, "hello")
    assert answer.content == "You said: hello"
