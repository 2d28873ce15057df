"""The library's client, as this bot needs it: few intents, small caches, and no event that can end it."""

from __future__ import annotations

import sys
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
    """What hears of the events; without shards, all comes on shard 0."""

    def session_begins(self, shard: int) -> None: ...
    def servers_known(self, shard: int) -> None: ...
    def session_goes_on(self, shard: int) -> None: ...
    def lost(self, shard: int) -> None: ...
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
        _hear(client, _of_connection(listener, ""))
    else:
        shards = None if options.shards == "auto" else options.shards
        client = discord.AutoShardedClient(shard_count=shards, **settings)
        _hear(client, _of_connection(listener, "shard_"))
    _hear(client, _common(listener))
    _tolerate(client)
    return client


def message_of(client: discord.Client, data: dict[str, Any]) -> discord.Message:
    """A message that was fetched, as the gateway would have told of it."""
    state, channel_id = client._connection, int(data["channel_id"])
    channel = client.get_channel(channel_id)
    if isinstance(channel, discord.TextChannel | discord.Thread):
        data = {**data, "guild_id": str(channel.guild.id)}
    place, _ = state._get_guild_channel(data)  # type: ignore[arg-type]
    return discord.Message(channel=place, data=data, state=state)  # type: ignore[arg-type]


def _hear(client: discord.Client, handlers: Mapping[str, Callable[..., Any]]) -> None:
    """The library calls what is set as `on_…`, as its decorator `event` does."""
    for name, handler in handlers.items():
        setattr(client, f"on_{name}", handler)


def _common(listener: Listener) -> dict[str, Callable[..., Any]]:
    async def on_message(message: discord.Message) -> None:
        listener.message(message)

    async def on_raw_message_edit(update: discord.RawMessageUpdateEvent) -> None:
        if update.message.edited_at is not None:  # otherwise only a preview or a thread was added
            listener.message(update.message)

    async def on_raw_reaction_add(reaction: discord.RawReactionActionEvent) -> None:
        listener.reaction(reaction)

    async def on_error(event: str, *args: object) -> None:
        log.warning("event not handled", channel="discord", kind=event, error=repr(sys.exc_info()[1]))

    return {
        "message": on_message,
        "raw_message_edit": on_raw_message_edit,
        "raw_reaction_add": on_raw_reaction_add,
        "interaction": listener.interaction,
        "error": on_error,
    }


def _of_connection(listener: Listener, prefix: str) -> dict[str, Callable[..., Any]]:
    """With shards, the library tells the shard; without, nothing."""

    async def on_connect(shard: int = 0) -> None:
        listener.session_begins(shard)

    async def on_ready(shard: int = 0) -> None:
        listener.servers_known(shard)

    async def on_resumed(shard: int = 0) -> None:
        listener.session_goes_on(shard)

    async def on_disconnect(shard: int = 0) -> None:
        listener.lost(shard)

    handlers = {"connect": on_connect, "ready": on_ready, "resumed": on_resumed, "disconnect": on_disconnect}
    return {f"{prefix}{name}": handler for name, handler in handlers.items()}


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
