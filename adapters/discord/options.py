"""What an operator may set about Discord."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """Empty addresses are Discord's own.

    `guilds` says which messages on servers are answered: those that mention or answer the bot, all that it may
    read, or none (slash commands only). `commands` maps a slash command to its description in each language;
    they are registered on the servers `guild_ids`, or everywhere if there are none. Files of more than
    `attachment_bytes` are neither fetched nor sent.
    """

    token: str = field(repr=False)
    application_id: str = ""
    api_base_url: str = ""
    gateway_url: str = ""
    cdn_base_url: str = ""
    guild_ids: tuple[str, ...] = ()
    guilds: Literal["mention", "all", "off"] = "mention"
    threads: bool = False
    shards: int | Literal["auto"] = 1
    bot_name: str = ""
    attachment_bytes: int = 20_000_000
    commands: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
