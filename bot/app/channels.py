"""The platforms whose tokens are set, from the settings."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot import doctor
from bot.app.building import Bot
from bot.errors import SettingsError
from bot.phrases import Phrases
from bot.pictures.incoming_files import IncomingFiles
from bot.protocols import Channel
from bot.settings import Settings
from bot.skills.commands import NAMES
from bot.supervisor import Status

if TYPE_CHECKING:
    from aiohttp.web import Application

    from adapters.discord import DiscordOptions
    from adapters.telegram import TelegramOptions

WEBHOOK_PREFIX = "/telegram"


@dataclass
class Platforms:
    """The channels to run, how each is connected, and what they have to have mounted on the web server."""

    channels: list[Channel] = field(default_factory=list)
    statuses: dict[str, Status] = field(default_factory=dict)
    mounts: dict[str, Application] = field(default_factory=dict)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def connections(self) -> dict[str, str | bool]:
        """For /readyz: True for a channel that is connected, otherwise why not."""
        return {name: status.problem or True for name, status in self.statuses.items()}


@asynccontextmanager
async def opened_platforms(bot: Bot, secret: bytes) -> AsyncIterator[Platforms]:
    """A channel for each platform whose token is set; none is connected before it is run.

    What a channel keeps open beyond its run, so that replies can still be delivered, is closed at the end.
    """
    platforms = _build(bot, secret)
    try:
        yield platforms
    finally:
        for close in platforms.closing:
            await close()


def _build(bot: Bot, secret: bytes) -> Platforms:
    platforms = Platforms()
    if bot.settings.telegram.token.get_secret_value():
        _add_telegram(platforms, bot, secret)
    if bot.settings.discord.token.get_secret_value():
        _add_discord(platforms, bot)
    return platforms


def checks(settings: Settings) -> dict[str, doctor.Check]:
    """For `parley doctor`: what each platform says of the bot; ChannelError with what is wrong."""
    found: dict[str, doctor.Check] = {}
    if settings.telegram.token.get_secret_value():
        from adapters import telegram

        found["telegram"] = lambda: telegram.examine(telegram_options(settings, b""))
    if settings.discord.token.get_secret_value():
        from adapters import discord

        found["discord"] = lambda: discord.examine(discord_options(settings))
    return found


def telegram_options(settings: Settings, secret: bytes) -> TelegramOptions:
    """As the settings say; a webhook without a secret token of its own gets one derived from the bot's secret.

    Raises SettingsError when a webhook has no address.
    """
    from adapters.telegram import TelegramOptions

    telegram, token = settings.telegram, settings.telegram.secret_token.get_secret_value()
    return TelegramOptions(
        token=telegram.token.get_secret_value(),
        mode=telegram.mode,
        webhook_url=_webhook_url(settings),
        secret_token=token or hmac.new(secret, b"telegram webhook", hashlib.sha256).hexdigest(),
        base_url=telegram.base_url,
        base_file_url=telegram.base_file_url or telegram.base_url,
        groups=telegram.groups,
        bot_name=settings.bot.name,
        attachment_bytes=attachment_bytes(settings),
        commands=_commands(),
    )


def discord_options(settings: Settings) -> DiscordOptions:
    """As the settings say."""
    from adapters.discord import DiscordOptions

    discord = settings.discord
    return DiscordOptions(
        token=discord.token.get_secret_value(),
        application_id=discord.application_id,
        api_base_url=discord.api_base_url,
        gateway_url=discord.gateway_url,
        cdn_base_url=discord.cdn_base_url,
        guild_ids=discord.guild_ids,
        guilds=discord.guilds,
        threads=discord.threads,
        shards=discord.shards,
        bot_name=settings.bot.name,
        attachment_bytes=attachment_bytes(settings),
        commands=_commands(),
    )


def _add_telegram(platforms: Platforms, bot: Bot, secret: bytes) -> None:
    from adapters.telegram import TelegramChannel

    status = platforms.statuses["telegram"] = Status("telegram")
    channel = TelegramChannel(
        telegram_options(bot.settings, secret),
        inbox=bot.store.inbox,
        history=bot.store.history,
        streams=bot.streams,
        progress=bot.store.progress,
        places=bot.store.places,
        files=IncomingFiles(bot.store.files),
        texts=bot.phrases,
        status=status,
    )
    platforms.channels.append(channel)
    platforms.closing.append(channel.close)
    if bot.settings.telegram.mode == "webhook":
        platforms.mounts[WEBHOOK_PREFIX] = channel.webhook()


def _add_discord(platforms: Platforms, bot: Bot) -> None:
    from adapters.discord import DiscordChannel

    status = platforms.statuses["discord"] = Status("discord")
    channel = DiscordChannel(
        discord_options(bot.settings),
        inbox=bot.store.inbox,
        history=bot.store.history,
        streams=bot.streams,
        progress=bot.store.progress,
        places=bot.store.places,
        files=IncomingFiles(bot.store.files),
        texts=bot.phrases,
        status=status,
    )
    platforms.channels.append(channel)


def _webhook_url(settings: Settings) -> str:
    telegram = settings.telegram
    if telegram.mode == "polling":
        return ""
    if telegram.webhook_url:
        return telegram.webhook_url
    if settings.web.public_url:
        return f"{settings.web.public_url.rstrip('/')}{WEBHOOK_PREFIX}/webhook"
    raise SettingsError(
        "telegram.webhook_url: a webhook needs the address at which Telegram reaches this server; set it, "
        "or web.public_url, or telegram.mode to polling."
    )


def attachment_bytes(settings: Settings) -> int:
    """The largest file that is taken from a customer."""
    return int(settings.limits.attachment_megabytes * 1_000_000)


def _commands() -> dict[str, dict[str, str]]:
    """What each command does, in each language that the bot speaks."""
    phrases = Phrases()
    return {
        name: {language: phrases.text(f"command_{name}", language) for language in phrases.languages} for name in NAMES
    }
