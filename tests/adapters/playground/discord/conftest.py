"""The real discord.py client, pointed at the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.playground.discord import DiscordServer

Item = TypeVar("Item")


async def soon(queue: asyncio.Queue[Item]) -> Item:
    """The next thing that a client has noted."""
    async with asyncio.timeout(10):
        return await queue.get()


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer(identify_seconds=0.0) as server:
        yield server


@pytest.fixture
def redirect(monkeypatch: pytest.MonkeyPatch) -> Callable[[DiscordServer], None]:
    """Sends the library to a server, by its own class attributes."""

    def to(server: DiscordServer) -> None:
        monkeypatch.setattr(Route, "BASE", server.api_base_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))

    return to


class EchoClient(discord.Client):
    """Answers each message of a person with its text."""

    async def on_message(self, message: discord.Message) -> None:
        if not message.author.bot:
            await message.reply(message.content or "(nothing)")


@asynccontextmanager
async def running(client: discord.Client, server: DiscordServer, shards: int = 1) -> AsyncIterator[None]:
    """The client, connected, until the end of the block."""
    async with client:
        task = asyncio.create_task(client.start(server.token))
        try:
            await server.connected(shards)
            yield
        finally:
            await client.close()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def echo(server: DiscordServer, redirect: Callable[[DiscordServer], None]) -> AsyncIterator[EchoClient]:
    """A connected bot that answers."""
    redirect(server)
    client = EchoClient(intents=discord.Intents.all())
    async with running(client, server):
        yield client
