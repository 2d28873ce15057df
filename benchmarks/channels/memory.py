"""The memory of an adapter's process over many updates.

The core is one that forgets: its inbox takes every message at once and keeps nothing, so that what grows is the
adapter's. Some of the answers are sent, as many as the platforms' limits allow.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from adapters.discord import DiscordOptions
from adapters.telegram import TelegramOptions
from benchmarks.channels.bot import Plan, build_channels, log_to
from benchmarks.channels.platforms import kill, platforms, processes
from bot.errors import DeliveryError
from bot.messages import Accepted, Delivery, Finished, Incoming, Reply
from bot.protocols import Channel
from bot.streams import LocalStreams
from storage import Store
from storage.migrations import upgrade

CUSTOMERS = 500
UNDER_WAY = 300
"""So many updates may be not accepted yet when the next batch is written."""
BATCH = 100
WAITING_ANSWERS = 20
SENDERS = 4
LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Curve:
    """Resident megabytes after so many updates; `updates_per_second` over all."""

    platform: str
    megabytes: dict[int, float]
    updates_per_second: float

    @property
    def growth(self) -> float:
        """Megabytes from the middle to the end, where everything has been loaded for long."""
        sizes = list(self.megabytes.values())
        return sizes[-1] - sizes[len(sizes) // 2]


class Forgetful:
    """bot.protocols.Inbox: takes everything and answers it at once; `accepted` counts for another process."""

    def __init__(self, streams: LocalStreams, accepted: Synchronized[int], channel: str) -> None:
        self.answers: asyncio.Queue[Delivery] = asyncio.Queue(WAITING_ANSWERS)
        self._streams = streams
        self._accepted = accepted
        self._channel = channel
        self._numbers = itertools.count()

    async def accept(self, incoming: Incoming) -> Accepted:
        number = next(self._numbers)
        accepted = Accepted(f"message{number}", incoming.conversation)
        reply = Reply(incoming.conversation, f"reply{number}", f"re {incoming.text}", "chat", 1.0, "en")
        asyncio.get_running_loop().call_later(
            0.01, self._answer, Finished(incoming.conversation, reply, (accepted.message_id,))
        )
        with suppress(asyncio.QueueFull):
            delivery = Delivery(
                f"delivery{number}", self._channel, incoming.conversation, reply, origin=incoming.origin
            )
            self.answers.put_nowait(delivery)
        self._accepted.value += 1
        return accepted

    def _answer(self, finished: Finished) -> None:
        self._streams.publish(finished)

    async def reply_to(self, message_id: str) -> Reply | None:
        return None


def run(plan: Plan, accepted: Synchronized[int]) -> None:
    """The process that is measured, until it is killed."""
    with plan.log.open("a") as log:
        log_to(log)
        asyncio.run(_serve(plan, accepted))


async def _serve(plan: Plan, accepted: Synchronized[int]) -> None:
    streams = LocalStreams()
    store = await Store.open(plan.database_url, streams)
    inbox = Forgetful(streams, accepted, "telegram" if plan.telegram else "discord")
    [(channel, _)] = build_channels(plan, store, inbox, streams)
    await asyncio.gather(channel.run(), *(_send(channel, inbox) for _ in range(SENDERS)))


async def _send(channel: Channel, inbox: Forgetful) -> None:
    while True:
        with suppress(DeliveryError):
            await channel.deliver(await inbox.answers.get())


async def measure(updates: int, step: int) -> list[Curve]:
    """Sizes after each `step` updates of either platform."""
    async with platforms() as both:
        people = [both.telegram.person(f"customer {number}") for number in range(CUSTOMERS)]
        users = [both.discord.person(f"customer {number}") for number in range(CUSTOMERS)]

        def write(number: int) -> None:
            people[number % CUSTOMERS].write(f"m{number}")

        def write_directly(number: int) -> None:
            user = users[number % CUSTOMERS]
            user.write(user.direct, f"m{number}")

        async with _bot(telegram=both.telegram_options) as bot:
            await both.telegram.until_polled(30)
            on_telegram = await bot.curve("Telegram", write, updates, step)
        async with _bot(discord=both.discord_options) as bot:
            await both.discord.connected(timeout=30)
            on_discord = await bot.curve("Discord", write_directly, updates, step)
        return [on_telegram, on_discord]


class _Measured:
    """A bot in a process of its own."""

    def __init__(self, process: ForkServerProcess, accepted: Synchronized[int]) -> None:
        self._process = process
        self._accepted = accepted

    async def curve(self, platform: str, write: Callable[[int], None], updates: int, step: int) -> Curve:
        sizes = {0: self._megabytes()}
        started = time.monotonic()
        for number in range(updates):
            write(number)
            if number % BATCH == BATCH - 1:
                await self._until_accepted(number + 1 - UNDER_WAY)
            if (number + 1) % step == 0:
                await self._until_accepted(number + 1)
                sizes[number + 1] = self._megabytes()
        return Curve(platform, sizes, updates / (time.monotonic() - started))

    async def _until_accepted(self, count: int) -> None:
        async with asyncio.timeout(LONGEST_WAIT):
            while self._accepted.value < count:  # noqa: ASYNC110 -- another process counts
                await asyncio.sleep(0.002)

    def _megabytes(self) -> float:
        """Resident memory, from the second number of statm."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6


@asynccontextmanager
async def _bot(
    telegram: TelegramOptions | None = None, discord: DiscordOptions | None = None
) -> AsyncIterator[_Measured]:
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(Path(folder), telegram, discord)
        await upgrade(plan.database_url)
        accepted: Synchronized[int] = processes.Value("q", 0)
        process = processes.Process(target=run, args=(plan, accepted))
        process.start()
        try:
            yield _Measured(process, accepted)
        finally:
            kill(process)
