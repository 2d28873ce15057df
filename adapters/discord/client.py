"""The library's client, as this bot needs it: few intents, small caches, and no event that can end it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import discord
import structlog

from adapters.discord.options import DiscordOptions

log = structlog.get_logger()

GUILD_SECONDS = 1.0
"""The servers of a bot are told one by one; after such a pause they are taken to be all."""
ESSENTIAL = frozenset({"READY", "RESUMED"})


class Listener(Protocol):
    """What hears of the events; None for a shard where there are no shards."""

    def connected(self, shard: int | None) -> None: ...
    def lost(self, shard: int | None) -> None: ...
    def ready(self, shard: int | None) -> None: ...
    def message(self, message: discord.Message) -> None: ...
    def reaction(self, reaction: discord.RawReactionActionEvent) -> None: ...
    async def interaction(self, interaction: discord.Interaction) -> None: ...


def intents_of(options: DiscordOptions) -> discord.Intents:
    """The text of messages on servers is a privilege, which an operator has to switch on in Discord's portal."""
    reads_servers = options.guilds != "off"
    return discord.Intents(
        guilds=True,
        guild_messages=reads_servers,
        guild_reactions=True,
        dm_messages=True,
        dm_reactions=True,
        message_content=reads_servers,
    )


def new_client(options: DiscordOptions, listener: Listener) -> discord.Client:
    """A client that is not logged in yet and tells the listener of its events."""
    settings: dict[str, Any] = {
        "intents": intents_of(options),
        "max_messages": None,
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "guild_ready_timeout": GUILD_SECONDS,
        "allowed_mentions": discord.AllowedMentions.none(),
    }
    if options.application_id:
        settings["application_id"] = int(options.application_id)
    client: discord.Client
    if options.shards == 1:
        client = discord.Client(**settings)
        _hear(client, _single(listener))
    else:
        shards = None if options.shards == "auto" else options.shards
        client = discord.AutoShardedClient(shard_count=shards, **settings)
        _hear(client, _sharded(listener))
    _hear(client, _common(listener))
    _tolerate(client)
    return client


def _hear(client: discord.Client, handlers: Mapping[str, Callable[..., Any]]) -> None:
    """The library calls what is set as `on_…`, as its decorator `event` does."""
    for name, handler in handlers.items():
        setattr(client, f"on_{name}", handler)


def _common(listener: Listener) -> dict[str, Callable[..., Any]]:
    async def on_message(message: discord.Message) -> None:
        listener.message(message)

    async def on_raw_message_edit(update: discord.RawMessageUpdateEvent) -> None:
        listener.message(update.message)

    async def on_raw_reaction_add(reaction: discord.RawReactionActionEvent) -> None:
        listener.reaction(reaction)

    async def on_error(event: str, *args: object) -> None:
        log.warning("event not handled", channel="discord", kind=event, exc_info=True)

    return {
        "message": on_message,
        "raw_message_edit": on_raw_message_edit,
        "raw_reaction_add": on_raw_reaction_add,
        "interaction": listener.interaction,
        "error": on_error,
    }


def _single(listener: Listener) -> dict[str, Callable[..., Any]]:
    async def on_connected() -> None:
        listener.connected(None)

    async def on_disconnect() -> None:
        listener.lost(None)

    async def on_ready() -> None:
        listener.ready(None)

    return {"connect": on_connected, "resumed": on_connected, "disconnect": on_disconnect, "ready": on_ready}


def _sharded(listener: Listener) -> dict[str, Callable[..., Any]]:
    async def on_connected(shard: int) -> None:
        listener.connected(shard)

    async def on_disconnect(shard: int) -> None:
        listener.lost(shard)

    async def on_ready(shard: int) -> None:
        listener.ready(shard)

    return {
        "shard_connect": on_connected,
        "shard_resumed": on_connected,
        "shard_disconnect": on_disconnect,
        "shard_ready": on_ready,
    }


def _tolerate(client: discord.Client) -> None:
    """An event that the library cannot read is left out: without this it would end the client."""
    parsers = client._connection.parsers
    for kind, parse in parsers.items():
        if kind not in ESSENTIAL:
            parsers[kind] = _tolerant(kind, parse)


def _tolerant(kind: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    def read(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:
            log.warning("event not understood", channel="discord", kind=kind, error=repr(error))

    return read
