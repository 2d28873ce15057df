"""Keeps a channel running: it is started again after any failure, and says in words how it is."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import structlog

from bot.background import beside
from bot.errors import ChannelError
from bot.protocols import Channel
from bot.retrying import backoff

log = structlog.get_logger()

FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
REFUSED_DELAY = 60.0
"""Seconds between tries while the platform refuses the bot: an operator has to act, and hammering would hurt."""


class Status:
    """bot.protocols.ChannelStatus; `problem` is None while the channel is connected."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.problem: str | None = "is connecting"

    def connected(self) -> None:
        """Updates arrive from now on."""
        if self.problem is not None:
            self.problem = None
            log.info("channel connected", channel=self.channel)

    def lost(self, reason: str) -> None:
        """Said once for each reason."""
        if self.problem != reason:
            self.problem = reason
            log.warning("channel not connected", channel=self.channel, reason=reason)


class Supervisor:
    """Runs one channel; delays are in seconds."""

    def __init__(
        self,
        channel: Channel,
        status: Status,
        *,
        first_delay: float = FIRST_DELAY,
        longest_delay: float = LONGEST_DELAY,
        refused_delay: float = REFUSED_DELAY,
    ) -> None:
        self._channel = channel
        self._status = status
        self._first_delay = first_delay
        self._longest_delay = longest_delay
        self._refused_delay = refused_delay

    def running(self) -> AbstractAsyncContextManager[None]:
        """The channel takes updates until the block ends."""
        return beside(self._run())

    async def _run(self) -> None:
        failures = 0
        while True:
            reason, delay = await self._once(failures)
            failures = 1 if self._status.problem is None else failures + 1
            self._status.lost(reason)
            await asyncio.sleep(delay)

    async def _once(self, failures: int) -> tuple[str, float]:
        """Runs the channel until it ends; why it ended, and the seconds to wait before the next time."""
        delay = self._first_delay + backoff(failures, first=self._first_delay, longest=self._longest_delay)
        try:
            await self._channel.run()
        except ChannelError as error:
            return str(error), self._refused_delay
        except Exception as error:
            log.debug("channel failed", channel=self._channel.name, exc_info=error)
            return f"failed and is started again: {str(error) or type(error).__name__}", delay
        return "ended without a reason; it is started again", delay
