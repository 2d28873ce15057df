"""What a running bot does about people's data by itself: forgetting those who were erased elsewhere, finishing erasures
that had to wait for a reply to arrive, and dropping what is old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import structlog

from bot.background import beside
from bot.errors import NotFound, StorageError
from bot.protocols.privacy import Forgetful, PersonalData

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between two looks at what was erased elsewhere."""
RETENTION_EVERY = timedelta(hours=1)
SPARED_FOR = timedelta(days=7)
"""So long an erasure is finished when its reply arrives late."""


class Upkeep:
    """One task; `retention` is how long conversations are kept after their last message, None for ever."""

    def __init__(
        self,
        data: PersonalData,
        *,
        retention: timedelta | None,
        forgetful: Sequence[Forgetful] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._data = data
        self._retention = retention
        self._forgetful = tuple(forgetful)
        self._clock = clock
        self._heard = clock() - SPARED_FOR
        self._dropped: datetime | None = None
        self._spared: dict[str, str] = {}

    def running(self) -> AbstractAsyncContextManager[None]:
        """Works until the block ends."""
        return beside(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except StorageError as error:
                log.warning("people's data could not be looked after", error=str(error))
            except Exception:
                log.exception("people's data could not be looked after")
            await asyncio.sleep(EVERY)

    async def once(self) -> None:
        """Does all that is due now."""
        await self._hear()
        await self._finish()
        now = self._clock()
        if self._dropped is None or now - self._dropped >= RETENTION_EVERY:
            await self._drop_old(now)
            self._dropped = now

    async def _hear(self) -> None:
        for report in await self._data.reports(self._heard):
            self._heard = max(self._heard, report.created_at)
            for part in self._forgetful:
                await part.forget(report.content["customer"])
            if spared := report.content.get("spared"):
                self._spared[spared] = report.content["customer"]

    async def _finish(self) -> None:
        for conversation, customer in list(self._spared.items()):
            if await self._data.is_delivered(conversation):
                try:
                    await self._data.erase(customer)
                    await self._data.empty_log()
                except NotFound:
                    log.info("already erased", customer=customer)
                del self._spared[conversation]

    async def _drop_old(self, now: datetime) -> None:
        old = await self._data.expire(now - self._retention) if self._retention else 0
        lost = await self._data.sweep()
        if old or lost:
            await self._data.empty_log()
            log.info("dropped what is old", conversations=old, unnamed_files=lost)
