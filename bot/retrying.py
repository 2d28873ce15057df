"""Trying again: how long to wait, and how to wait for a database that is away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.errors import Busy, LeaseLost, StorageError

log = structlog.get_logger()
Result = TypeVar("Result")


def backoff(tries: int, *, first: float, longest: float) -> float:
    """Seconds to wait after so many failed tries: exponential, with full jitter.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random.uniform(0, min(longest, first * 2 ** min(tries, 30)))


async def until_stored(store: Callable[[], Awaitable[Result]], tries: int) -> Result:
    """Calls `store` again while the database cannot do it; raises its StorageError after so many tries.

    LeaseLost is raised at once: no time can mend it.
    """
    for failed in range(tries):
        try:
            return await store()
        except LeaseLost:
            raise
        except (StorageError, Busy) as error:
            if failed + 1 == tries:
                raise
            log.warning("not stored yet", error=str(error))
        await asyncio.sleep(backoff(failed, first=0.2, longest=5))
    raise ValueError("tries must be positive")
