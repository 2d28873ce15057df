"""Group commit: calls that come while a transaction runs share the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.errors import Busy, StorageError
from storage.errors import DiskFull, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

LARGEST_BATCH = 100
CAPACITY = 10_000


class Batcher(Generic[Item, Result]):
    """Runs items in batches, one batch at a time, in the order in which they came.

    `execute` gives one result an item, an exception among them being raised to that item's caller alone.
    When it raises, the items are tried one by one, so that a bad one does not hurt its neighbours.
    """

    def __init__(
        self,
        execute: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        largest: int = LARGEST_BATCH,
        capacity: int = CAPACITY,
    ) -> None:
        self._execute = execute
        self._largest = largest
        self._capacity = capacity
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, item: Item) -> Result:
        """The item's result; raises Busy when too many wait already."""
        if self._closed:
            raise StorageError("The store is closed.")
        if len(self._waiting) >= self._capacity:
            raise Busy("The database cannot keep up; try again in a moment.")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return await future

    async def close(self) -> None:
        """Finishes what was submitted and takes no more."""
        self._closed = True
        if self._runner:
            await self._runner

    async def _run(self) -> None:
        while batch := self._next_batch():
            await self._settle(batch)

    def _next_batch(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        while self._waiting and len(batch) < self._largest:
            item, future = self._waiting.popleft()
            if not future.done():
                batch.append((item, future))
        return batch

    async def _settle(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._execute([item for item, _ in batch])
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, Unavailable | DiskFull):
                for one in batch:
                    await self._settle([one])
                return
            results = [error] * len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
