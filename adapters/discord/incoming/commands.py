"""The slash commands: how they are described to Discord, and when they are registered.

https://docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import discord
import structlog

from adapters.discord.options import DiscordOptions
from adapters.discord.outgoing.payloads import shortened
from adapters.discord.outgoing.rest import Rest
from bot.errors import ParleyError

log = structlog.get_logger()

TEXT = 3
LONGEST_DESCRIPTION = 100
LOCALES = {"zh": ("zh-CN", "zh-TW"), "es": ("es-ES", "es-419"), "en": ("en-US", "en-GB")}
"""Discord's names of languages that it knows in several forms; the others have the plain name."""
ARGUMENTS = {
    "ask": ("question", True),
    "image": ("description", True),
    "language": ("language", False),
    "forget": ("what", False),
    "link": ("code", False),
    "recommendations": ("wish", False),
}
"""What is to be filled in behind a command, and whether it has to be."""
PRIVATE = frozenset({"me", "forget", "link", "unlink", "why"})
"""What these tell is for the one who asks, though others may be on the channel."""
EVERYWHERE = ""


def definitions(commands: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """The commands as Discord is told of them; `commands` maps names to descriptions by language."""
    return [
        {
            "name": name,
            "type": 1,
            "description": shortened(descriptions["en"], LONGEST_DESCRIPTION),
            "description_localizations": _localized(descriptions),
            "options": _options(name, descriptions),
        }
        for name, descriptions in commands.items()
    ]


class Commands:
    """Registers the commands where Discord knows others; without them the bot still answers messages."""

    def __init__(self, options: DiscordOptions) -> None:
        self._wanted = definitions(options.commands)
        self._guilds = set(options.guild_ids or (EVERYWHERE,))

    async def register(self, rest: Rest) -> None:
        """Once for each server, or for all of them together; what failed is tried again at the next call."""
        for guild in sorted(self._guilds):
            try:
                if not await _are_known(rest, guild, self._wanted):
                    await rest.replace_commands(guild, self._wanted)
                    log.info("slash commands registered", channel="discord", guild=guild or "all")
                self._guilds.discard(guild)
            except (discord.DiscordException, aiohttp.ClientError, ParleyError) as error:
                log.warning("slash commands not registered", channel="discord", guild=guild or "all", error=str(error))


async def _are_known(rest: Rest, guild: str, wanted: Sequence[Mapping[str, Any]]) -> bool:
    try:
        known = await rest.commands(guild)
    except discord.HTTPException:
        return False
    return sorted(map(_essence, known)) == sorted(map(_essence, wanted))


def _essence(definition: Mapping[str, Any]) -> str:
    """What a customer sees of a command, without what Discord adds."""
    options = [
        (option["name"], option["type"], option["description"], bool(option.get("required")), _names(option))
        for option in definition.get("options") or ()
    ]
    return repr((definition["name"], definition["description"], _names(definition), options))


def _names(described: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((described.get("description_localizations") or {}).items())


def _options(name: str, descriptions: Mapping[str, str]) -> list[dict[str, Any]]:
    if name not in ARGUMENTS:
        return []
    argument, required = ARGUMENTS[name]
    return [
        {
            "name": argument,
            "type": TEXT,
            "description": shortened(descriptions["en"], LONGEST_DESCRIPTION),
            "description_localizations": _localized(descriptions),
            "required": required,
        }
    ]


def _localized(descriptions: Mapping[str, str]) -> dict[str, str]:
    return {
        locale: shortened(description, LONGEST_DESCRIPTION)
        for language, description in descriptions.items()
        for locale in LOCALES.get(language, (language,))
    }
