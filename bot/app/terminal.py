"""A bot that talks in this terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.app.building import open_bot, working
from bot.settings import Settings

if TYPE_CHECKING:
    from adapters.terminal import Terminal


PICTURES_FOLDER = "pictures"
"""Where the bot folder has the pictures of replies in the terminal."""


@asynccontextmanager
async def open_terminal(settings: Settings) -> AsyncIterator[Terminal]:
    """The terminal channel of a working bot that knows the documents of its folders."""
    from adapters.terminal import Terminal

    async with open_bot(settings) as bot:
        terminal = Terminal(bot.store.inbox, bot.streams, files=bot.store.files, folder=settings.path(PICTURES_FOLDER))
        await bot.library.sync()
        await bot.retriever.refresh()
        async with working(bot, [terminal]):
            yield terminal
