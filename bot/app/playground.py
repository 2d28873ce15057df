"""`parley playground`: local servers of both platforms with a page, without any bot of their own."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable


async def play(port: int, announce: Callable[[str], None]) -> None:
    """Serves until Ctrl-C or SIGTERM; raises SettingsError when the port is taken."""
    from adapters.playground.page import Playground

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Playground(port=port) as playground:
        announce(f"The playground is at {playground.url}/ until Ctrl-C. What is written there is kept in memory only.")
        announce("For your bot, add these lines to the .env file of its folder, then run `parley serve` there:\n")
        for name, value in playground.environment.items():
            announce(f"{name}={value}")
        await stop.wait()
