"""Thumbs under the bot's messages."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import discord
import structlog

from adapters.discord.incoming.events import CHANNEL
from adapters.discord.origin import conversation_id
from bot.errors import NotFound, ParleyError
from bot.messages import Reply
from bot.protocols import History

log = structlog.get_logger()

DELAYS = (0.1, 1.0)
"""Seconds."""


class Feedback:
    """Rates a reply by the reaction of the one to whom it was said."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def rate(self, reaction: discord.RawReactionActionEvent, score: int) -> None:
        """Others' reactions, and those to other messages, mean nothing to the bot."""
        user, in_guild = str(reaction.user_id), reaction.guild_id is not None
        conversation = conversation_id(reaction.channel_id, user, in_guild=in_guild)
        try:
            reply = await self._found(conversation, str(reaction.message_id))
            await self._history.rate(reply.message_id, user, CHANNEL, score)
        except NotFound:
            return
        except ParleyError as error:
            log.warning("feedback not stored", channel=CHANNEL, message=reaction.message_id, error=str(error))

    async def _found(self, conversation: str, message: str) -> Reply:
        """A quick thumb comes before it is recorded that the reply was sent."""
        for delay in DELAYS:
            with suppress(NotFound):
                return await self._history.reply_sent_as(CHANNEL, conversation, message)
            await asyncio.sleep(delay)
        return await self._history.reply_sent_as(CHANNEL, conversation, message)
