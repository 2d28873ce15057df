"""The channel between a local Discord server and a real store, with workers whose replies a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.discord import DiscordChannel, DiscordOptions
from adapters.playground.discord import Channel, DiscordServer, Message, Person
from bot.messages import Draft, Turn
from bot.phrases import Phrases
from bot.protocols import Publish
from bot.sender import Sender, SenderRules
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.supervisor import Status, Supervisor
from bot.worker import Workers
from storage import Store

MakeReply = Callable[[Turn, Publish], Awaitable[Draft]]
POST = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
COMMANDS = {name: {"en": f"To {name}", "de": f"Zum {name}"} for name in ("ask", "me", "help", "language")}


def draft(text: str, **more: Any) -> Draft:
    return Draft(text, "chat", 1.0, "en", **more)


def said(turn: Turn) -> str:
    """What the customer said in a turn."""
    return " / ".join(message.text for message in turn.messages)


async def echo(turn: Turn, publish: Publish) -> Draft:
    return draft(f"You said: {said(turn)}")


def options_of(server: DiscordServer, **more: Any) -> DiscordOptions:
    """As an operator would set them for this server."""
    options = DiscordOptions(
        token=server.token,
        api_base_url=server.api_base_url,
        gateway_url=server.gateway_url,
        cdn_base_url=server.cdn_base_url,
        bot_name="Parley",
        commands=COMMANDS,
    )
    return replace(options, **more)


class Replies:
    """bot.worker.Replies by a function."""

    def __init__(self, make: MakeReply) -> None:
        self._make = make

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        return await self._make(turn, publish)

    def apology(self, turn: Turn) -> Draft:
        return draft("Sorry.")


class Watched(Status):
    """A status whose changes a test can wait for."""

    def __init__(self) -> None:
        super().__init__("discord")
        self._changed = asyncio.Event()
        self.connections = 0
        self.reasons: list[str] = []

    def connected(self) -> None:
        super().connected()
        self.connections += 1
        self._changed.set()

    def lost(self, reason: str) -> None:
        super().lost(reason)
        self.reasons.append(reason)
        self._changed.set()

    async def until(self, holds: Callable[[], object], seconds: float = 20.0) -> None:
        """Returns when it is true after a change; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


@dataclass
class Bot:
    """What runs, for a test to look at."""

    channel: DiscordChannel
    store: Store
    status: Watched
    streams: LocalStreams


@dataclass(frozen=True)
class Place:
    """Where the data of a bot is kept between its starts."""

    url: str
    files: Path


def running(
    server: DiscordServer,
    place: Place,
    reply: MakeReply = echo,
    *,
    coalesce_seconds: float = 0,
    queue_limit: int = 1000,
    drain: float = 5,
    **options: Any,
) -> AbstractAsyncContextManager[Bot]:
    """The whole way of a message, connected to the server until the block ends."""
    return running_with(
        options_of(server, **options),
        place,
        reply,
        coalesce_seconds=coalesce_seconds,
        queue_limit=queue_limit,
        drain=drain,
    )


@asynccontextmanager
async def running_with(
    options: DiscordOptions,
    place: Place,
    reply: MakeReply,
    *,
    coalesce_seconds: float = 0,
    queue_limit: int = 1000,
    drain: float = 5,
) -> AsyncIterator[Bot]:
    """The same by options, in any process."""
    streams = LocalStreams()
    store = await Store.open(
        place.url,
        streams,
        coalesce_seconds=coalesce_seconds,
        queue_limit=queue_limit,
        files=place.files,
        lease_seconds=2,
        delivery_lease_seconds=2,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        status = Watched()
        channel = DiscordChannel(
            options,
            inbox=store.inbox,
            history=store.history,
            streams=streams,
            progress=store.progress,
            places=store.places,
            files=store.files,
            texts=Phrases(),
            status=status,
        )
        await stack.enter_async_context(Sender(store.outbox, channel, SenderRules(drain=drain)).running())
        workers = WorkersSection(count=8, lease_seconds=2, drain_seconds=drain)
        await stack.enter_async_context(Workers(store.turns, Replies(reply), streams, workers).running())
        supervisor = Supervisor(channel, status, first_delay=0.05, longest_delay=0.2, refused_delay=0.2)
        await stack.enter_async_context(supervisor.running())
        yield Bot(channel, store, status, streams)


async def connected(bot: Bot, times: int = 1) -> None:
    """Returns when the bot hears what happens, and has connected so many times."""
    await bot.status.until(lambda: bot.status.problem is None and bot.status.connections >= times)


async def answers(server: DiscordServer, channel: Channel, count: int, seconds: float = 15.0) -> list[Message]:
    """The bot's messages in a channel, when there are so many."""
    await server.until(lambda: len(server.written_by_bot(channel)) >= count, seconds)
    return server.written_by_bot(channel)


def texts(server: DiscordServer, channel: Channel) -> list[str]:
    return [message.content for message in server.written_by_bot(channel)]


async def ask(server: DiscordServer, person: Person, text: str) -> Message:
    """Writes to the bot directly and gives its answer."""
    return await server.reply(person.write(person.direct, text))
