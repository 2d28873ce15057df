"""People and a bot of discord.py talk on the server."""

from __future__ import annotations

from adapters.playground.discord import DiscordServer
from tests.adapters.playground.discord.conftest import EchoClient


async def test_a_direct_message_is_answered(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    question = alice.write(alice.direct, "Hello")
    reply = await server.reply(question)
    assert reply.content == "Hello"
    assert reply.answers is question
