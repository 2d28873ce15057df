"""What an adapter adds to the time of an answer: from the customer's message to the inbox, and from the outbox to the
request at the platform. Both ends are in one process, so that the platforms' own time is part of the figures."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from adapters.playground.discord import DiscordServer
from adapters.playground.telegram import TelegramServer
from benchmarks.channels.bot import Plan, serve
from benchmarks.channels.platforms import Platforms, platforms
from bot.messages import Accepted, Delivery, Incoming, Reply
from bot.protocols import Channel, Inbox
from storage.migrations import upgrade

PAUSE_SECONDS = 0.04
"""Between messages: less often than any limit of the platforms."""


@dataclass(frozen=True)
class Latency:
    """Milliseconds; `added` is in and out together."""

    platform: str
    messages: int
    added_p50: float
    added_p95: float
    inwards_p95: float
    outwards_p95: float


@dataclass
class Times:
    """When the inbox was asked to take a message, and the channel to deliver its reply: monotonic, by its text."""

    accepting: dict[str, float] = field(default_factory=dict)
    delivering: dict[str, float] = field(default_factory=dict)


class WatchedInbox:
    """bot.protocols.Inbox that notes when it is called."""

    def __init__(self, inbox: Inbox, times: Times) -> None:
        self._times = times
        self._accept = inbox.accept
        self.reply_to = inbox.reply_to

    async def accept(self, incoming: Incoming) -> Accepted:
        self._times.accepting.setdefault(incoming.text, time.monotonic())
        return await self._accept(incoming)


class WatchedChannel:
    """bot.protocols.Channel that notes when it is called."""

    def __init__(self, channel: Channel, times: Times) -> None:
        self.name = channel.name
        self.run = channel.run
        self._deliver = channel.deliver
        self._times = times

    async def deliver(self, delivery: Delivery) -> str | None:
        self._times.delivering.setdefault(_question(delivery.reply), time.monotonic())
        return await self._deliver(delivery)


def _question(reply: Reply) -> str:
    return reply.text.removeprefix("re ")


async def measure(messages: int) -> list[Latency]:
    """One message after the other, each from another customer, without faults."""
    with tempfile.TemporaryDirectory() as folder:
        async with platforms() as both:
            plan = Plan(Path(folder), both.telegram_options, both.discord_options)
            await upgrade(plan.database_url)
            times = Times()
            bot = asyncio.create_task(
                serve(plan, lambda inbox: WatchedInbox(inbox, times), lambda channel: WatchedChannel(channel, times))
            )
            try:
                await both.telegram.until_polled()
                await both.discord.connected()
                return [await _on_telegram(both, messages, times), await _on_discord(both, messages, times)]
            finally:
                bot.cancel()
                with suppress(asyncio.CancelledError):
                    await bot


async def _on_telegram(both: Platforms, messages: int, times: Times) -> Latency:
    server: TelegramServer = both.telegram
    written: dict[str, float] = {}
    for number in range(messages):
        person = server.person()
        text = f"m{number}"
        written[text] = time.monotonic()
        person.write(text)
        await server.until_messages(person)
        await asyncio.sleep(PAUSE_SECONDS)
    sent = {str(one.parameters["text"]): one.time for one in server.requests.of("sendMessage")}
    return _figures("Telegram", written, times, lambda text: sent[f"re {text}"])


async def _on_discord(both: Platforms, messages: int, times: Times) -> Latency:
    server: DiscordServer = both.discord
    written: dict[str, float] = {}
    for number in range(messages):
        person = server.person(f"customer {number}")
        text = f"m{messages + number}"
        written[text] = time.monotonic()
        await server.reply(person.write(person.direct, text))
        await asyncio.sleep(PAUSE_SECONDS)
    since_epoch = time.time() - time.monotonic()
    sent = {
        str(one.body["content"]): one.at - since_epoch
        for one in server.requests.of("POST /channels/{channel_id}/messages")
    }
    return _figures("Discord", written, times, lambda text: sent[f"re {text}"])


def _figures(platform: str, written: dict[str, float], times: Times, arrived: Callable[[str], float]) -> Latency:
    inwards = [times.accepting[text] - at for text, at in written.items()]
    outwards = [arrived(text) - times.delivering[text] for text in written]
    added = [sum(pair) for pair in zip(inwards, outwards, strict=True)]
    return Latency(
        platform,
        len(written),
        _percentile(added, 50),
        _percentile(added, 95),
        _percentile(inwards, 95),
        _percentile(outwards, 95),
    )


def _percentile(seconds: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]
