"""Keeps summaries of conversations that have grown beyond what a reply sees of them."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import structlog

from bot.background import beside
from bot.errors import ParleyError
from bot.memory.summaries import summarise
from bot.protocols import Memories

log = structlog.get_logger()

STRETCH = 20
"""Messages that one summary is of."""
PAUSE_SECONDS = 60.0


class Summarizer:
    """Looks for such conversations once a minute; `window` is how many messages a reply sees.

    Several processes may do so at once: of two summaries of one stretch the first is kept.
    """

    def __init__(self, memories: Memories, *, window: int, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._memories = memories
        self._window = window
        self._pause = pause_seconds

    def running(self) -> AbstractAsyncContextManager[None]:
        """Summarises until the block ends."""
        return beside(self._run())

    async def catch_up(self, since: datetime | None = None) -> int:
        """Summarises everything that is due, with `since` of the conversations that have changed after it; how many
        summaries that made."""
        made = 0
        while stretches := await self._memories.unsummarised(size=STRETCH, window=self._window, since=since):
            stored = 0
            for stretch in stretches:
                text = await asyncio.to_thread(summarise, stretch)
                stored += await self._memories.add_summary(stretch, text)
            made += stored
            if not stored:
                break
        return made

    async def _run(self) -> None:
        since: datetime | None = None
        while True:
            started = datetime.now(UTC)
            try:
                await self.catch_up(since)
                since = started - timedelta(seconds=self._pause)
            except ParleyError as error:
                log.warning("conversations are summarised later", reason=str(error))
            await asyncio.sleep(self._pause)
