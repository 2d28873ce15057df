"""Work in order within each conversation, and at once for different ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

MOST_WAITING = 5000
Result = TypeVar("Result")


class Overflow(Exception):
    """More is waiting than may be held in memory."""


class Lanes:
    """discord.py hands out its events at once; a lane does those of one key one after the other."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._last: dict[str, asyncio.Task[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """How much is waiting or under way."""
        return len(self._tasks)

    def put(self, key: str, work: Callable[[], Awaitable[Result]]) -> asyncio.Task[Result]:
        """Does the work when all earlier work of the key is over; raises Overflow."""
        if len(self._tasks) >= self._most:
            raise Overflow(f"{self._most} messages are waiting to be stored")
        task = asyncio.create_task(_after(self._last.get(key), work))
        self._last[key] = task
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._forget(key, task))
        return task

    async def close(self, seconds: float) -> None:
        """Gives what is under way some time to end, then cancels it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, key: str, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if self._last.get(key) is task:
            del self._last[key]


async def _after(earlier: asyncio.Task[Any] | None, work: Callable[[], Awaitable[Result]]) -> Result:
    if earlier is not None:
        await asyncio.wait({earlier})
    return await work()
