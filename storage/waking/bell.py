"""Wakes those who wait for work, at once or at a set time."""

from __future__ import annotations

import asyncio
from datetime import datetime

from storage.clock import Clock


class Bell:
    """Once rung it stays rung until somebody looks for work, so that no ring between looking and waiting is lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: datetime | None = None

    def ring(self) -> None:
        """Wakes all who wait."""
        self._rung.set()

    def ring_at(self, time: datetime | None) -> None:
        """Rings then, or at once if that is past; None does nothing. The earliest time asked for counts."""
        if time is None or (self._alarm_at and self._alarm_at <= time):
            return
        delay = (time - self._clock()).total_seconds()
        if delay <= 0:
            self.ring()
            return
        self.silence()
        self._alarm_at = time
        self._alarm = asyncio.get_running_loop().call_later(delay, self._go_off)

    def looking(self) -> None:
        """Somebody is about to look for work: rings before this are answered by that."""
        self._rung.clear()

    async def wait(self, timeout: float) -> None:
        """Returns when rung, at the latest after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return

    def silence(self) -> None:
        """Takes back the alarm."""
        if self._alarm:
            self._alarm.cancel()
        self._alarm_at = None

    def _go_off(self) -> None:
        self._alarm_at = None
        self.ring()
