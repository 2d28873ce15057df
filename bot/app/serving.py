"""`parley serve`: start, run, and stop without losing anything."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import structlog

from bot import console_password, secret
from bot.app import privacy, web
from bot.app.building import Bot, open_bot, working
from bot.app.channels import opened_platforms
from bot.settings import Settings

log = structlog.get_logger()

Announce = Callable[[str], None]

PATIENCE = 20.0
"""Seconds that the start waits for the first reading of the knowledge folders."""


async def serve(settings: Settings, announce: Announce) -> None:
    """Runs every enabled channel until Ctrl-C or SIGTERM, drains and stops; a second signal ends at once."""
    stop = _stop_signal()
    async with open_bot(settings) as bot:
        password = await console_password.ensure_operator(bot.store.operators) if settings.console.enabled else None
        own_secret = secret.load_or_make(settings.folder)
        async with opened_platforms(bot, own_secret) as platforms:
            server = web.build_server(bot, own_secret, platforms)
            channels = [*server.channels, *platforms.channels]
            upkeep = privacy.build_upkeep(settings, bot.store, privacy.forgetful(bot.recall, bot.engine))
            async with upkeep.running(), working(bot, channels, platforms.statuses), _following_knowledge(bot):
                await server.start()
                try:
                    _announce(server.url, settings, password, platforms.statuses, announce)
                    await stop.wait()
                    log.info("stopping", drain_seconds=settings.workers.drain_seconds)
                finally:
                    await server.stop()


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()

    def received() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, received)
    return stop


@asynccontextmanager
async def _following_knowledge(bot: Bot) -> AsyncIterator[None]:
    """The folders of the settings are read now, a large one in the background, and watched from then on."""
    read = asyncio.Event()

    watching = asyncio.create_task(bot.library.watch(lambda report: read.set()))
    try:
        await asyncio.wait(
            {watching, asyncio.create_task(read.wait())}, timeout=PATIENCE, return_when="FIRST_COMPLETED"
        )
        await bot.retriever.refresh()
        yield
    finally:
        watching.cancel()
        read.set()
        await asyncio.gather(watching, return_exceptions=True)


def _announce(url: str, settings: Settings, password: str | None, platforms: Iterable[str], announce: Announce) -> None:
    announce(f"{settings.bot.name} is ready.")
    announce(f"  Web chat            {url}/")
    if settings.console.enabled:
        announce(f"  Operators' console  {url}/console")
    if password:
        announce(f"  Console log-in      admin, password {password} (shown only this once)")
    for name in platforms:
        announce(f"  {name.capitalize():<19} is on; {url}/readyz tells whether it is connected")
    announce("Press Ctrl-C to stop.")
