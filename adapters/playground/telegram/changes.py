"""Waiting until something has happened, without sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Counts changes of the server's state and wakes those who wait for one."""

    def __init__(self) -> None:
        self.count = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def announce(self) -> None:
        """Something has changed."""
        self.count += 1
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def after(self, count: int, timeout: float) -> int:
        """The number of changes once it is above `count`, or as it is when `timeout` seconds have passed."""
        try:
            async with asyncio.timeout(timeout):
                while self.count <= count:
                    await self._next()
        except TimeoutError:
            pass
        return self.count

    async def until(self, condition: Callable[[], T], timeout: float = 10.0) -> T:
        """What `condition` gives once that is true; asked again after every change. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not (value := condition()):
                await self._next()
        return value

    async def _next(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
