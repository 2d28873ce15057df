from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.errors import Busy, StorageError
from storage.batching import Batcher
from storage.errors import DiskFull, Unavailable


class Ledger:
    """Doubles numbers; refuses 13 as a whole batch and 7 for itself. Runs only when it is opened."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.began = asyncio.Event()
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def execute(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        self.began.set()
        await self.open.wait()
        if self.error:
            raise self.error
        if 13 in items:
            raise ValueError("13")
        return [ValueError("7") if item == 7 else 2 * item for item in items]


async def started(batcher: Batcher[int, int], ledger: Ledger, *items: int) -> list[asyncio.Task[int]]:
    """Submits the first item, which holds the ledger, and then the others while it runs."""
    tasks = [asyncio.create_task(batcher.submit(item)) for item in items]
    await ledger.began.wait()
    return tasks


async def test_what_comes_while_a_batch_runs_shares_the_next_one() -> None:
    ledger = Ledger()
    batcher = Batcher[int, int](ledger.execute)
    first = asyncio.create_task(batcher.submit(1))
    await ledger.began.wait()
    others = [asyncio.create_task(batcher.submit(item)) for item in (2, 3, 4)]
    await asyncio.sleep(0)
    ledger.open.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert ledger.batches == [[1], [2, 3, 4]]


async def test_an_error_of_one_item_is_its_own() -> None:
    ledger = Ledger()
    ledger.open.set()
    batcher = Batcher[int, int](ledger.execute)
    results = await asyncio.gather(*map(batcher.submit, (6, 7, 8)), return_exceptions=True)
    assert results[0] == 12
    assert isinstance(results[1], ValueError)
    assert results[2] == 16


async def test_a_failed_batch_is_tried_item_by_item() -> None:
    ledger = Ledger()
    ledger.open.set()
    batcher = Batcher[int, int](ledger.execute)
    results = await asyncio.gather(*map(batcher.submit, (12, 13, 14)), return_exceptions=True)
    assert (results[0], results[2]) == (24, 28)
    assert isinstance(results[1], ValueError)


@pytest.mark.parametrize("error", [Unavailable("gone"), DiskFull("full")])
async def test_a_database_that_is_away_is_not_asked_item_by_item(error: StorageError) -> None:
    ledger = Ledger()
    ledger.open.set()
    ledger.error = error
    batcher = Batcher[int, int](ledger.execute)
    results = await asyncio.gather(*map(batcher.submit, (1, 2, 3)), return_exceptions=True)
    assert results == [error] * 3
    assert ledger.batches == [[1, 2, 3]]


async def test_batches_have_a_largest_size() -> None:
    ledger = Ledger()
    ledger.open.set()
    batcher = Batcher[int, int](ledger.execute, largest=2)
    await asyncio.gather(*map(batcher.submit, range(5)))
    assert [len(batch) for batch in ledger.batches] == [2, 2, 1]


async def test_too_many_waiting_is_busy() -> None:
    ledger = Ledger()
    batcher = Batcher[int, int](ledger.execute, capacity=2)
    tasks = await started(batcher, ledger, 1)
    tasks += [asyncio.create_task(batcher.submit(item)) for item in (2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await batcher.submit(4)
    ledger.open.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]


async def test_a_caller_that_gave_up_before_its_turn_costs_nothing() -> None:
    ledger = Ledger()
    batcher = Batcher[int, int](ledger.execute)
    tasks = await started(batcher, ledger, 1)
    waiting = asyncio.create_task(batcher.submit(2))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    ledger.open.set()
    await asyncio.gather(*tasks)
    await batcher.close()
    assert ledger.batches == [[1]]


async def test_closing_finishes_what_was_submitted_and_takes_no_more() -> None:
    ledger = Ledger()
    batcher = Batcher[int, int](ledger.execute)
    tasks = await started(batcher, ledger, 1, 2)
    ledger.open.set()
    await batcher.close()
    assert [task.result() for task in tasks] == [2, 4]
    with pytest.raises(StorageError, match="closed"):
        await batcher.submit(3)
