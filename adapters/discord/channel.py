"""Discord as a channel of the bot."""

from __future__ import annotations

import asyncio

import structlog

from adapters.discord import failures
from adapters.discord.attachments import Attachments
from adapters.discord.incoming.commands import Commands
from adapters.discord.incoming.events import CHANNEL
from adapters.discord.incoming.gateway import Gateway
from adapters.discord.incoming.intake import Intake
from adapters.discord.incoming.interactions import Interactions, Pending
from adapters.discord.options import DiscordOptions
from adapters.discord.origin import Origin
from adapters.discord.outgoing.delivery import Deliverer
from adapters.discord.outgoing.rest import Rest
from adapters.discord.outgoing.session import Session
from adapters.discord.outgoing.showing import Showings
from bot.errors import RetryLater
from bot.messages import Delivery
from bot.protocols import ChannelStatus, Files, History, Inbox, Places, Progress, Streams, Texts

log = structlog.get_logger()

DELIVERY_SECONDS = 25.0
"""Less than the sender's own limit, so that the platform's slowness is not taken for a failed delivery."""
DELAY_SECONDS = 2.0


class DiscordChannel:
    """bot.protocols.Channel over discord.py."""

    name = CHANNEL

    def __init__(
        self,
        options: DiscordOptions,
        *,
        inbox: Inbox,
        history: History,
        streams: Streams,
        progress: Progress,
        places: Places,
        files: Files,
        texts: Texts,
        status: ChannelStatus,
    ) -> None:
        self._options = options
        self._inbox = inbox
        self._history = history
        self._places = places
        self._texts = texts
        self._status = status
        self._session = Session(options)
        self._attachments = Attachments(files, options)
        self._showings = Showings(inbox, streams, progress)
        self._deliverer = Deliverer(progress, self._attachments, texts)
        self._commands = Commands(options)
        self._pending = Pending()

    async def run(self) -> None:
        """Takes updates until the connection ends for good; raises ChannelError when only an operator can mend it."""
        try:
            async with self._session.rest() as rest:
                await self._listen(rest)
        except Exception as error:
            raise failures.channel_refusal(error) or error from error
        finally:
            await self._showings.close()

    async def deliver(self, delivery: Delivery) -> str:
        """Sends; the last message's id. Raises RetryLater, and Undeliverable when the place is closed to the bot."""
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                return await self._deliver(delivery)
        except TimeoutError as error:
            raise RetryLater("Discord is too slow.", DELAY_SECONDS) from error
        except Exception as error:
            failure = failures.delivery_failure(error)
            if failures.closes_place(error):
                await self._places.unreachable(CHANNEL, delivery.target, str(failure))
            raise failure or error from error

    async def _deliver(self, delivery: Delivery) -> str:
        await self._pending.done(Origin.decode(delivery.origin).interaction)
        opened = await self._showings.settled(delivery.target, delivery.reply.message_id)
        async with self._session.rest() as rest:
            return await self._deliverer.deliver(rest, delivery, opened or delivery.opened)

    async def _listen(self, rest: Rest) -> None:
        await self._commands.register(rest)
        intake = Intake(self._options, rest, self._inbox, self._attachments, self._showings)
        interactions = Interactions(rest, intake, self._history, self._attachments, self._texts, self._pending)
        await Gateway(self._options, rest, self._history, intake, interactions, self._status).run()
