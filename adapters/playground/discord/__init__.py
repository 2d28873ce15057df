"""A Discord server: REST, gateway and CDN after docs.discord.com/developers, in memory."""

from __future__ import annotations

from adapters.playground.discord.errors import ApiError
from adapters.playground.discord.events import Intent
from adapters.playground.discord.faults import Fault
from adapters.playground.discord.limits import Rule
from adapters.playground.discord.model import Channel, Guild, Interaction, Message, Permission, Upload, User
from adapters.playground.discord.people import Person
from adapters.playground.discord.server import DiscordServer

__all__ = [
    "ApiError",
    "Channel",
    "DiscordServer",
    "Fault",
    "Guild",
    "Intent",
    "Interaction",
    "Message",
    "Permission",
    "Person",
    "Rule",
    "Upload",
    "User",
]
