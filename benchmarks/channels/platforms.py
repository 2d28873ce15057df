"""Both platforms, in the benchmark's own process, and the options with which a bot finds them."""

from __future__ import annotations

import multiprocessing
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess

from adapters.discord import DiscordOptions
from adapters.playground.discord import DiscordServer
from adapters.playground.telegram import TelegramServer
from adapters.telegram import TelegramOptions
from benchmarks.channels.bot import Plan, run

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["benchmarks.channels.bot"])


@dataclass(frozen=True)
class Platforms:
    """The servers, which enforce their limits and count every violation."""

    telegram: TelegramServer
    discord: DiscordServer

    @property
    def telegram_options(self) -> TelegramOptions:
        url = self.telegram.url
        return TelegramOptions(self.telegram.token, base_url=url, base_file_url=url, commands={})

    @property
    def discord_options(self) -> DiscordOptions:
        server = self.discord
        return DiscordOptions(
            server.token,
            application_id=server.application_id,
            api_base_url=server.api_base_url,
            gateway_url=server.gateway_url,
            cdn_base_url=server.cdn_base_url,
        )


@asynccontextmanager
async def platforms() -> AsyncIterator[Platforms]:
    """Two servers that listen."""
    async with TelegramServer(strict=True) as telegram, DiscordServer() as discord:
        yield Platforms(telegram, discord)


def start(plan: Plan) -> ForkServerProcess:
    """A bot at work."""
    process = processes.Process(target=run, args=(plan,))
    process.start()
    return process


def kill(process: ForkServerProcess) -> None:
    """As `kill -9` does."""
    process.kill()
    process.join(30)


@contextmanager
def working(plan: Plan) -> Iterator[ForkServerProcess]:
    """A bot at work until the block ends."""
    process = start(plan)
    try:
        yield process
    finally:
        kill(process)
