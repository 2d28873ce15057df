"""The web server with the console beside it, from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot import console_password
from bot.app.building import Bot
from bot.app.channels import Platforms, attachment_bytes
from bot.errors import ParleyError
from bot.pictures.artist import HouseArtist
from bot.pictures.incoming_files import IncomingFiles

if TYPE_CHECKING:
    from aiohttp.web import Application

    from adapters.web.server import WebServer


def build_server(bot: Bot, secret: bytes, platforms: Platforms) -> WebServer:
    """Not yet listening; its channels are for `working`."""
    from adapters.web.options import WebOptions
    from adapters.web.server import WebServer

    settings = bot.settings
    options = WebOptions(
        host=settings.web.host,
        port=settings.web.port,
        allowed_origins=settings.web.allowed_origins,
        api_keys=tuple(key.get_secret_value() for key in settings.web.api_keys),
        public_url=settings.web.public_url,
        bot_name=settings.bot.name,
        greeting=settings.bot.greeting,
        language=settings.bot.language,
        suggestions=settings.web.suggestions,
        message_characters=settings.limits.message_characters,
        messages_per_minute=settings.limits.messages_per_minute,
        attachment_bytes=attachment_bytes(settings),
        connections=settings.limits.connections,
        drain_seconds=settings.workers.drain_seconds,
    )
    return WebServer(
        options,
        inbox=bot.store.inbox,
        history=bot.store.history,
        streams=bot.streams,
        passages=bot.store.knowledge,
        files=IncomingFiles(bot.store.files),
        secret=secret,
        readiness=lambda: readiness(bot),
        registry=bot.registry,
        count_tokens=bot.engine.count,
        artist=HouseArtist(bot.studio, bot.store.pictures, settings.images.daily_per_user),
        platforms=platforms.connections,
        mounts=_mounts(bot, secret) | platforms.mounts,
    )


async def readiness(bot: Bot) -> Mapping[str, str | bool]:
    """True for what is ready, otherwise what is wrong with it."""
    try:
        await bot.store.ping()
    except ParleyError as error:
        return {"database": str(error), "model": True}
    return {"database": True, "model": True}


def _mounts(bot: Bot, secret: bytes) -> dict[str, Application]:
    if not bot.settings.console.enabled:
        return {}
    from adapters.console import PREFIX, ConsoleOptions, console_app

    settings = bot.settings
    options = ConsoleOptions(
        bot_name=settings.bot.name,
        session_hours=settings.console.session_hours,
        message_characters=settings.limits.message_characters,
        secure=settings.web.public_url.startswith("https://"),
    )
    accounts = console_password.PasswordAccounts(bot.store.operators)
    return {PREFIX: console_app(options, bot.store.desk, accounts, bot.streams, bot.store.files, secret)}
