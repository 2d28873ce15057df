"""Discord, over discord.py; inside this package `import discord` is the library."""

from adapters.discord.channel import DiscordChannel
from adapters.discord.check import examine
from adapters.discord.options import DiscordOptions

__all__ = ["DiscordChannel", "DiscordOptions", "examine"]
