"""What customers write and press, on its way into the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiohttp
import discord
import structlog

from adapters.discord.attachments import Attachments
from adapters.discord.incoming.events import Written, thread_name
from adapters.discord.incoming.lanes import Lanes
from adapters.discord.options import DiscordOptions
from adapters.discord.origin import conversation_id
from adapters.discord.outgoing.rest import Rest
from adapters.discord.outgoing.showing import Showings
from bot.errors import Busy, InvalidMessage, ParleyError, StorageError
from bot.messages import Accepted, Incoming
from bot.protocols import Inbox

log = structlog.get_logger()

LONGEST_DELAY = 30.0
THREAD_PATIENCE = 5.0


class Intake:
    """Stores what is to be answered, in its order within each conversation, however long the database is away."""

    def __init__(
        self, options: DiscordOptions, rest: Rest, inbox: Inbox, attachments: Attachments, showings: Showings
    ) -> None:
        self._options = options
        self._rest = rest
        self._inbox = inbox
        self._attachments = attachments
        self._showings = showings
        self._lanes = Lanes()

    def write(self, written: Written) -> asyncio.Task[Accepted | None]:
        """Takes a message; raises Overflow."""
        return self._put(written.incoming.conversation, lambda: self._write(written))

    def press(self, incoming: Incoming) -> asyncio.Task[Accepted | None]:
        """Takes a command or a pressed button; raises Overflow. The result is None for what cannot be stored."""
        return self._put(incoming.conversation, lambda: self._accept(incoming))

    async def close(self, seconds: float) -> None:
        """What is not stored by then is fetched again after the next start."""
        await self._lanes.close(seconds)

    def _put(self, conversation: str, work: Callable[[], Awaitable[Accepted | None]]) -> asyncio.Task[Accepted | None]:
        async def logged() -> Accepted | None:
            try:
                return await work()
            except Exception as error:
                log.error("message not taken", channel="discord", conversation=conversation, exc_info=error)
                return None

        return self._lanes.put(conversation, logged)

    async def _write(self, written: Written) -> Accepted | None:
        attachments = await self._attachments.fetch(written.files)
        incoming = replace(written.incoming, attachments=attachments)
        if self._options.threads and written.may_open_thread:
            incoming = replace(incoming, conversation=await self._thread(incoming))
        return await self._accept(incoming)

    async def _thread(self, incoming: Incoming) -> str:
        """The conversation in the message's own thread; the one in the channel where no thread may be made."""
        channel, message = incoming.conversation.partition("/")[0], incoming.external_id.partition(":")[0]
        name = thread_name(incoming.text, self._options.bot_name)
        try:
            await self._rest.start_thread(channel, message, name, patience=THREAD_PATIENCE)
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError, ParleyError) as error:
            log.warning("no thread made", channel="discord", message=message, error=str(error))
            return incoming.conversation
        return conversation_id(message, incoming.user, in_guild=True)

    async def _accept(self, incoming: Incoming) -> Accepted | None:
        accepted = await self._stored(incoming)
        if accepted and accepted.for_bot and not accepted.duplicate:
            self._showings.follow(self._rest, accepted, incoming.conversation, incoming.origin)
        return accepted

    async def _stored(self, incoming: Incoming) -> Accepted | None:
        """None for what can never be stored."""
        failures = 0
        while True:
            try:
                return await self._inbox.accept(incoming)
            except InvalidMessage as error:
                log.warning("message not stored", channel="discord", message=incoming.external_id, error=str(error))
                return None
            except Busy as error:
                await asyncio.sleep(error.retry_after)
            except StorageError as error:
                failures += 1
                log.warning("message not stored yet", channel="discord", error=str(error))
                await asyncio.sleep(min(LONGEST_DELAY, 2.0**failures))
