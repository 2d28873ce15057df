"""The sender of a channel: the only one that talks to the platform on the bot's behalf."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.errors import Busy, RetryLater, StorageError, Undeliverable
from bot.messages import Delivery
from bot.protocols import Channel, Outbox
from bot.retrying import backoff, until_stored
from bot.stopping import Stop
from bot.worker import OnStage, ignore_stage

log = structlog.get_logger()

IDLE_SECONDS = 2.0
"""A sender looks for deliveries this often even if nobody has rung."""
RECORD_TRIES = 10


@dataclass(frozen=True, slots=True)
class SenderRules:
    """Times are seconds. A try that takes longer than `timeout` has failed; it must be shorter than the
    outbox's lease, or another sender would begin the same delivery."""

    concurrency: int = 16
    most_attempts: int = 12
    timeout: float = 30.0
    first_delay: float = 1.0
    longest_delay: float = 300.0
    drain: float = 10.0


class Sender:
    """Delivers due rows, several conversations at once; `on_stage` hears `delivering` and `delivered`."""

    def __init__(
        self,
        outbox: Outbox,
        channel: Channel,
        rules: SenderRules = SenderRules(),
        *,
        on_stage: OnStage = ignore_stage,
    ) -> None:
        self._outbox = outbox
        self._channel = channel
        self._rules = rules
        self._on_stage = on_stage
        self._sending: set[asyncio.Task[None]] = set()
        self._stop = Stop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delivers until the block ends; what is under way then gets `rules.drain` seconds to end."""
        self._stop = Stop()
        loop = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._stop.set()
            await self._drain(loop)

    async def _drain(self, loop: asyncio.Task[None]) -> None:
        """What the loop has taken is sent; what it has not stays in the outbox."""
        deadline = asyncio.get_running_loop().time() + self._rules.drain
        await asyncio.wait({loop}, timeout=self._rules.drain)
        if self._sending:
            remaining = max(0, deadline - asyncio.get_running_loop().time())
            await asyncio.wait(self._sending, timeout=remaining)
        tasks = {loop, *self._sending}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                await self._send_some()
                failures = 0
            except (StorageError, Busy) as error:
                failures += 1
                log.warning("the outbox is away", channel=self._channel.name, error=str(error))
                await self._stop.rest(asyncio.sleep(backoff(failures, first=0.5, longest=5)))

    async def _send_some(self) -> None:
        free = self._rules.concurrency - len(self._sending)
        if not free:
            await self._stop.rest(asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED))
            return
        deliveries = await self._outbox.due(self._channel.name, free)
        for delivery in deliveries:
            task = asyncio.create_task(self._send(delivery))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if not deliveries:
            await self._stop.rest(self._outbox.wait(self._channel.name, IDLE_SECONDS))

    async def _send(self, delivery: Delivery) -> None:
        try:
            await self._try(delivery)
        except (StorageError, Busy) as error:
            log.error("delivery not recorded; it will be repeated", delivery=delivery.id, error=str(error))

    async def _try(self, delivery: Delivery) -> None:
        self._on_stage("delivering")
        try:
            async with asyncio.timeout(self._rules.timeout):
                platform_id = await self._channel.deliver(delivery)
        except Undeliverable as error:
            await self._park(delivery, str(error))
        except RetryLater as error:
            await self._postpone(delivery, error)
        except Exception as error:
            log.warning("delivery failed", channel=delivery.channel, delivery=delivery.id, error=repr(error))
            await self._fail(delivery, str(error) or repr(error))
        else:
            self._on_stage("delivered")
            await until_stored(lambda: self._outbox.sent(delivery, platform_id), RECORD_TRIES)

    async def _postpone(self, delivery: Delivery, error: RetryLater) -> None:
        """The platform's own word on when is obeyed, and not held against the delivery."""
        if error.retry_after is None:
            await self._fail(delivery, str(error))
        else:
            await self._retry(delivery, error.retry_after, str(error))

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        failed = replace(delivery, attempts=delivery.attempts + 1)
        if failed.attempts >= self._rules.most_attempts:
            await self._park(failed, f"Given up after {failed.attempts} attempts. {reason}")
            return
        delay = backoff(delivery.attempts, first=self._rules.first_delay, longest=self._rules.longest_delay)
        await self._retry(failed, delay, reason)

    async def _retry(self, delivery: Delivery, delay: float, reason: str) -> None:
        at = datetime.now(UTC) + timedelta(seconds=delay)
        await until_stored(lambda: self._outbox.retry(delivery, at, reason), RECORD_TRIES)

    async def _park(self, delivery: Delivery, reason: str) -> None:
        log.error("delivery parked", channel=delivery.channel, delivery=delivery.id, reason=reason)
        await until_stored(lambda: self._outbox.park(delivery, reason), RECORD_TRIES)
