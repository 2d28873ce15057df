"""Telegram as a channel of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from telegram.error import TelegramError

from adapters.pacing import Pacer
from adapters.telegram import failures, registration
from adapters.telegram.addressing import Me
from adapters.telegram.attachments import Attachments
from adapters.telegram.client import build_bot
from adapters.telegram.delivery import Deliverer
from adapters.telegram.handling import Core, Handling
from adapters.telegram.intake import Intake
from adapters.telegram.options import TelegramOptions
from adapters.telegram.pace import Pace
from adapters.telegram.polling import Polling
from adapters.telegram.presence import Presence
from adapters.telegram.previews import Previewer
from adapters.telegram.sending import Sending
from adapters.telegram.updates import Reader
from adapters.telegram.webhook import Webhook
from bot.messages import Delivery
from bot.protocols import ChannelStatus, Files, History, Inbox, Places, Progress, Streams, Texts

Result = TypeVar("Result")

WEBHOOK_CHECK_SECONDS = 60.0


class TelegramChannel:
    """bot.protocols.Channel. Deliveries and their previews go on before and after `run`, until `close`."""

    name = "telegram"

    def __init__(
        self,
        options: TelegramOptions,
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
        self._status = status
        self._bot = build_bot(options)
        self._attachments = Attachments(self._bot, files, texts, options.attachment_bytes)
        sending = Sending(self._bot, Pace(Pacer()))
        self._presence = Presence(sending, Previewer(sending, progress), streams=streams, inbox=inbox)
        core = Core(inbox, history, places, files, texts)
        self._handling = Handling(self._bot, sending, self._presence, core)
        self._deliverer = Deliverer(sending, self._presence, progress=progress, places=places, files=files, texts=texts)
        self._webhook = Webhook(options.secret_token)

    async def run(self) -> None:
        """Takes updates until cancelled; raises ChannelError when Telegram refuses the bot."""
        me = await self._until_reached(self._register)
        intake = Intake(me.id, Reader(me, self._options.groups), self._handling, self._attachments)
        try:
            if self._options.mode == "webhook":
                await self._receive(intake)
            else:
                await Polling(self._bot, intake, self._status).run()
        finally:
            self._webhook.close()
            await intake.close()

    async def deliver(self, delivery: Delivery) -> str | None:
        """Sends a reply; the id of its last message. Raises RetryLater and Undeliverable."""
        return await self._deliverer.deliver(delivery)

    def webhook(self) -> web.Application:
        """Takes the updates in webhook mode, by POST at `/webhook`."""
        return self._webhook.application()

    async def close(self) -> None:
        """Ends previews and connections, when nothing is delivered any more."""
        await self._presence.close()
        await self._attachments.close()
        await self._bot.shutdown()

    async def _register(self) -> Me:
        await self._bot.initialize()
        if self._options.mode == "polling":
            await registration.choose_polling(self._bot)
        await registration.tell_commands(self._bot, self._options)
        return Me(self._bot.id, self._bot.username)

    async def _receive(self, intake: Intake) -> None:
        """The webhook is open before Telegram is told of it."""
        self._webhook.open(intake)
        await self._until_reached(lambda: registration.choose_webhook(self._bot, self._options))
        self._status.connected()
        while True:
            await asyncio.sleep(WEBHOOK_CHECK_SECONDS)
            await self._until_reached(lambda: registration.look_after_webhook(self._bot, self._options, self._status))

    async def _until_reached(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """Makes a request again while the network is away; raises ChannelError when Telegram refuses it."""
        failed = 0
        while True:
            try:
                return await request()
            except TelegramError as error:
                if refused := failures.channel_error(error):
                    raise refused from error
                failed += 1
                self._status.lost(failures.reason(error))
                await asyncio.sleep(failures.pause(error, failed))
