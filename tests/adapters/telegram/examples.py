"""A whole bot on Telegram: a real store, workers with replies made by a function, and the local Bot API server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from adapters.playground.telegram import TelegramServer
from adapters.telegram import TelegramChannel, TelegramOptions
from bot.messages import Draft, Turn
from bot.phrases import Phrases
from bot.protocols import Publish
from bot.sender import Sender, SenderRules
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.supervisor import Status, Supervisor
from bot.worker import Workers
from storage import Store
from storage.reading.history import Counts
from storage.tables import Conversations, Feedback
from tests.spine.examples import Reply, Scripted

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
"""One pixel."""

RULES = SenderRules(first_delay=0.05, longest_delay=0.2, drain=1)
WORKERS = WorkersSection(count=8, lease_seconds=5, drain_seconds=1)


@dataclass
class Running:
    """A bot at work, and what a test looks at."""

    store: Store
    channel: TelegramChannel
    status: Status
    streams: LocalStreams


def options(server: TelegramServer, **changes: Any) -> TelegramOptions:
    return replace(TelegramOptions(token=server.token, base_url=server.url), **changes)


def build_channel(store: Store, streams: LocalStreams, settings: TelegramOptions, status: Status) -> TelegramChannel:
    return TelegramChannel(
        settings,
        inbox=store.inbox,
        history=store.history,
        streams=streams,
        progress=store.progress,
        places=store.places,
        files=store.files,
        texts=Phrases(),
        status=status,
    )


@asynccontextmanager
async def opened(url: str, folder: Path, streams: LocalStreams, **rules: Any) -> AsyncIterator[Store]:
    """A store that keeps files in `folder`."""
    store = await Store.open(url, streams, **{"coalesce_seconds": 0, "files": folder / "files", **rules})
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def running(
    url: str, folder: Path, settings: TelegramOptions, reply: Reply, *, timeout: float = RULES.timeout, **rules: Any
) -> AsyncIterator[Running]:
    """The bot serves until the block ends; what is under way is then given up soon, as at a restart.

    `timeout` is what one try of a delivery may take, in seconds.
    """
    streams, status = LocalStreams(), Status("telegram")
    async with opened(url, folder, streams, **rules) as store:
        channel = build_channel(store, streams, settings, status)
        try:
            async with (
                Sender(store.outbox, channel, replace(RULES, timeout=timeout)).running(),
                Workers(store.turns, Scripted(reply), streams, WORKERS).running(),
                Supervisor(channel, status, first_delay=0.05, refused_delay=0.2).running(),
            ):
                yield Running(store, channel, status, streams)
        finally:
            await channel.close()


def saying(text: str, **more: Any) -> Reply:
    """The same reply to everything."""

    async def reply(turn: Turn, publish: Publish) -> Draft:
        return draft(text, **more)

    return reply


async def echo(turn: Turn, publish: Publish) -> Draft:
    """The turn's messages again."""
    return draft(" / ".join(message.text for message in turn.messages))


def draft(text: str, **more: Any) -> Draft:
    return Draft(**{"text": text, "route": "chat", "confidence": 1.0, "language": "en", **more})


async def until(store: Store, condition: Callable[[Counts], bool]) -> None:
    """Waits until the store's counts are as they shall be."""
    async with asyncio.timeout(30):
        while not condition(await store.history.counts()):  # noqa: ASYNC110 a database tells nobody
            await asyncio.sleep(0.02)


async def until_delivered(store: Store) -> None:
    """Everything that was said is answered, and the answers are recorded as sent."""
    await until(store, lambda counts: not counts.unhandled and not counts.due_deliveries)


async def until_parked(store: Store) -> None:
    """A delivery was given up."""
    await until(store, lambda counts: counts.parked_deliveries > 0)


async def ratings(store: Store) -> list[int]:
    """The thumbs of everybody."""
    return await store.database.read(lambda connection: list(connection.scalars(select(Feedback.score))))


async def until_opened(store: Store) -> None:
    """It is stored in which message a reply is shown while it is made."""

    def opened(connection: Connection) -> bool:
        return connection.scalar(select(Conversations.id).where(Conversations.opened.is_not(None))) is not None

    async with asyncio.timeout(30):
        while not await store.database.read(opened):  # noqa: ASYNC110 a database tells nobody
            await asyncio.sleep(0.02)
