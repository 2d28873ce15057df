"""What happens on the server, as the gateway tells it, and which intents it takes to be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from adapters.playground.discord.model import Guild, Json


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


NO_INTENT = Intent(0)
PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
KNOWN_INTENTS = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))
"""All bits of the documentation; any other closes the connection with 4013."""


@dataclass(frozen=True)
class Event:
    """A dispatch for the sessions of its guild's shard (shard 0 for direct messages) that have its intent."""

    name: str
    data: Json
    guild: Guild | None = None
    intent: Intent = NO_INTENT
    without_content: Json | None = None
    """What sessions without MESSAGE_CONTENT are told instead."""

    def data_for(self, intents: int) -> Json | None:
        """What a session with these intents is told; None when nothing."""
        if self.intent and not self.intent & intents:
            return None
        if self.without_content is not None and not intents & Intent.MESSAGE_CONTENT:
            return self.without_content
        return self.data

    def shard(self, shards: int) -> int:
        """Which shard is told."""
        return (int(self.guild.id) >> 22) % shards if self.guild else 0
