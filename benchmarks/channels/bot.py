"""A whole bot on SQLite with Telegram and Discord, in a process that can be killed.

Its pipeline says the customer's words again: `m7` is answered by `re m7`, at once or word by word; a message that ends
with `long` gets an answer of several parts. What the answer must be is thus known from the question.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

import structlog

from adapters.discord import DiscordChannel, DiscordOptions
from adapters.telegram import TelegramChannel, TelegramOptions
from bot.messages import Draft, Turn
from bot.phrases import Phrases
from bot.protocols import Channel, Inbox, Publish
from bot.sender import Sender, SenderRules
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.supervisor import Status, Supervisor
from bot.worker import Workers
from storage import Store

LONG_WORDS = 900
SLOW_WORDS = 8
SLOW_SECONDS = 0.25


Watched = TypeVar("Watched")
Wrap = Callable[[Watched], Watched]


def _as_it_is(watched: Watched) -> Watched:
    return watched


@dataclass(frozen=True)
class Plan:
    """Where a process works. `lease_seconds` is how long the work of a killed process is left alone."""

    folder: Path
    telegram: TelegramOptions | None = None
    discord: DiscordOptions | None = None
    lease_seconds: float = 60.0

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'bot.db'}"

    @property
    def log(self) -> Path:
        return self.folder / "bot.log"


def answer(text: str) -> list[str]:
    """The words of the answer to a message."""
    label, _, style = text.partition(" ")
    if style == "long":
        return [f"{label}.{number}" for number in range(LONG_WORDS)]
    if style == "slow":
        return [f"{label}.{number}" for number in range(SLOW_WORDS)]
    return [label]


class Echo:
    """Answers every message of a turn in a paragraph of its own; slow ones word by word."""

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        for message in turn.messages:
            if message.text.endswith(" slow"):
                for word in answer(message.text):
                    publish(f"{word} ")
                    await asyncio.sleep(SLOW_SECONDS)
        return self.apology(turn)

    def apology(self, turn: Turn) -> Draft:
        text = "\n\n".join("re " + " ".join(answer(message.text)) for message in turn.messages)
        return Draft(text, "chat", 1.0, "en")


def run(plan: Plan) -> None:
    """Answers until killed."""
    with plan.log.open("a") as log:
        log_to(log)
        asyncio.run(serve(plan))


def log_to(file: TextIO) -> None:
    """A line of JSON for whatever an operator would see."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


async def serve(plan: Plan, watch_inbox: Wrap[Inbox] = _as_it_is, watch_channel: Wrap[Channel] = _as_it_is) -> None:
    """Answers until cancelled; what goes in and out can be watched."""
    streams = LocalStreams()
    lease = plan.lease_seconds
    async with AsyncExitStack() as stack:
        store = await Store.open(
            plan.database_url,
            streams,
            lease_seconds=lease / 2,
            delivery_lease_seconds=lease,
            coalesce_seconds=0,
            queue_limit=20_000,
            files=plan.folder / "files",
        )
        stack.push_async_callback(store.close)
        channels = build_channels(plan, store, watch_inbox(store.inbox), streams)
        for channel, _ in channels:
            sender = Sender(store.outbox, watch_channel(channel), SenderRules(timeout=lease / 2))
            await stack.enter_async_context(sender.running())
        workers = Workers(store.turns, Echo(), streams, WorkersSection(count=16, lease_seconds=lease / 2))
        await stack.enter_async_context(workers.running())
        for channel, status in channels:
            await stack.enter_async_context(Supervisor(channel, status).running())
        await asyncio.Event().wait()


def build_channels(plan: Plan, store: Store, inbox: Inbox, streams: LocalStreams) -> list[tuple[Channel, Status]]:
    """The channels of a plan, and where they say how they are connected."""
    core: dict[str, Any] = {
        "inbox": inbox,
        "history": store.history,
        "streams": streams,
        "progress": store.progress,
        "places": store.places,
        "files": store.files,
        "texts": Phrases(),
    }
    built: list[tuple[Channel, Status]] = []
    if plan.telegram:
        status = Status("telegram")
        built.append((TelegramChannel(plan.telegram, **core, status=status), status))
    if plan.discord:
        status = Status("discord")
        built.append((DiscordChannel(plan.discord, **core, status=status), status))
    return built
