"""Asking Telegram for updates. An update is confirmed only when it and all before it are handled."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from telegram import Bot
from telegram.error import TelegramError

from adapters.telegram import failures
from adapters.telegram.intake import Intake, Work
from adapters.telegram.updates import ALLOWED_UPDATES, update_id_of
from bot.errors import ParleyError
from bot.protocols import ChannelStatus

log = structlog.get_logger()

LONG_POLL_SECONDS = 30
NETWORK_SECONDS = 10
"""Beyond the long poll, for the way there and back."""
BATCH = 100
GRACE_SECONDS = 0.5
"""So long a batch is waited for before the next look, as a file that is being fetched must not hold up others."""
UNNUMBERED_SECONDS = 5.0
"""Updates without a number can never be confirmed, so that they would come again at once."""

# `Bot.get_updates` gives up a whole batch for one update that it cannot read. The underscore is for
# `Bot.do_api_request`, which warns of names that are also methods.
GET_UPDATES = "get_Updates"


class Polling:
    """One long poll after the other. The updates that are not confirmed yet are at most one batch."""

    def __init__(self, bot: Bot, intake: Intake, status: ChannelStatus) -> None:
        self._bot = bot
        self._intake = intake
        self._status = status
        self._offset = 0
        self._unconfirmed: dict[int, Work | None] = {}
        self._failures = 0
        self._is_connected = False

    async def run(self) -> None:
        """Until cancelled. Raises ChannelError when Telegram refuses the bot."""
        while True:
            try:
                batch = await self._look()
            except TelegramError as error:
                await self._rest_after(error)
                continue
            self._failures, self._is_connected = 0, True
            self._status.connected()
            self._take(batch)
            await self._confirm()
            if batch and not any(map(_is_numbered, batch)):
                await asyncio.sleep(UNNUMBERED_SECONDS)

    async def _look(self) -> list[Any]:
        """The updates behind those that are confirmed; waits for some only when there is nothing else to do."""
        seconds = LONG_POLL_SECONDS if self._is_connected and not self._unconfirmed else 0
        parameters = {
            "offset": self._offset,
            "limit": BATCH,
            "timeout": seconds,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        batch = await self._bot.do_api_request(GET_UPDATES, parameters, read_timeout=seconds + NETWORK_SECONDS)
        return batch if isinstance(batch, list) else []

    async def _rest_after(self, error: TelegramError) -> None:
        if refused := failures.channel_error(error):
            raise refused from error
        self._is_connected = False
        self._failures += 1
        self._status.lost(failures.reason(error))
        await asyncio.sleep(failures.pause(error, self._failures))

    def _take(self, batch: list[Any]) -> None:
        for raw in batch:
            update_id = update_id_of(raw)
            if update_id is None or update_id not in self._unconfirmed:
                work = self._intake.take(raw)
                if update_id is not None:
                    self._unconfirmed[update_id] = work

    async def _confirm(self) -> None:
        """Moves the offset behind the updates that are done; one that failed comes again, and all behind it."""
        works = [work for work in self._unconfirmed.values() if work is not None]
        if works:
            await asyncio.wait(works, timeout=GRACE_SECONDS)
        confirming = True
        failure: BaseException | None = None
        for update_id, work in list(self._unconfirmed.items()):
            error = work.exception() if work is not None and work.done() else None
            confirming = confirming and error is None and (work is None or work.done())
            if confirming:
                self._offset = update_id + 1
            if confirming or error is not None:
                del self._unconfirmed[update_id]
            failure = failure or error
        if failure is not None:
            await self._rest_after_failure(failure)

    async def _rest_after_failure(self, failure: BaseException) -> None:
        if not isinstance(failure, ParleyError):
            raise failure
        log.warning("updates wait at Telegram", reason=str(failure))
        await asyncio.sleep(getattr(failure, "retry_after", 1.0))


def _is_numbered(raw: object) -> bool:
    return update_id_of(raw) is not None
