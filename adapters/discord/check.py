"""What `parley doctor` says about Discord."""

from __future__ import annotations

import asyncio

import aiohttp
import discord

from adapters.discord.endpoints import redirected
from adapters.discord.failures import CLOSED, PORTAL, channel_refusal
from adapters.discord.incoming.client import intents_of
from adapters.discord.options import DiscordOptions
from adapters.discord.outgoing.session import close
from bot.errors import ChannelError

SECONDS = 20.0
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
    embed_links=True,
    read_message_history=True,
    add_reactions=True,
)
SCOPES = ("bot", "applications.commands")


async def examine(options: DiscordOptions) -> str:
    """The bot's name, its intents and the link that invites it to a server; ChannelError with what is wrong."""
    with redirected(options):
        client = discord.Client(intents=discord.Intents(guilds=True), max_messages=None)
        try:
            async with asyncio.timeout(SECONDS):
                await client.login(options.token)
            return _report(client, options)
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise channel_refusal(error) or ChannelError(f"Discord cannot be asked: {error or repr(error)}") from error
        finally:
            await close(client)


def invite_link(application_id: int) -> str:
    """Opened by somebody who manages a server, it adds the bot with all that it needs."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)


def _report(client: discord.Client, options: DiscordOptions) -> str:
    application = client.application
    assert application is not None, "set by the log-in"
    if application.interactions_endpoint_url:
        raise ChannelError(
            f"Slash commands and buttons go to {application.interactions_endpoint_url} and not to the bot. At {PORTAL} "
            "open your application, General Information, and empty Interactions Endpoint URL."
        )
    if options.application_id not in ("", str(application.id)):
        raise ChannelError(f"The token belongs to application {application.id}; set discord.application_id to it.")
    if intents_of(options).message_content and not _may_read(application.flags):
        raise ChannelError(CLOSED[4014])
    intents = "message content is on" if _may_read(application.flags) else "message content is off and not needed"
    return f"{client.user}, {intents}; invite it to a server with {invite_link(application.id)}"


def _may_read(flags: discord.ApplicationFlags) -> bool:
    return flags.gateway_message_content or flags.gateway_message_content_limited
