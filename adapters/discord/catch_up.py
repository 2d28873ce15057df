"""What was written while the bot was not connected."""

from __future__ import annotations

from collections.abc import Callable

import discord

from adapters.discord.options import DiscordOptions
from adapters.discord.rest import Rest
from bot.protocols import History


class CatchUp:
    """Fetches what was written during a gap."""

    def __init__(self, options: DiscordOptions, rest: Rest, history: History) -> None:
        self._options = options

    async def begin(self) -> None:
        """Remembers"""

    def gap_begins(self) -> None: ...
    def saw(self, message: int) -> None: ...
    async def run(self, client: discord.Client, take: Callable[[discord.Message], None]) -> None: ...
