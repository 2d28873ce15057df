"""A wish to stop that interrupts waiting, but not work."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Stop:
    """Set once by the owner of a loop; the loop looks at it between two pieces of work and while it rests."""

    def __init__(self) -> None:
        self._wished = asyncio.Event()

    def set(self) -> None:
        """Ends every rest."""
        self._wished.set()

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._wished.is_set()

    async def rest(self, waiting: Coroutine[Any, Any, object]) -> None:
        """Awaits `waiting`, which is cancelled when it is time to stop; raises what it raises."""
        resting, wished = asyncio.ensure_future(waiting), asyncio.ensure_future(self._wished.wait())
        try:
            await asyncio.wait({resting, wished}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wished.cancel()
            resting.cancel()
            await asyncio.gather(resting, wished, return_exceptions=True)
        if not resting.cancelled():
            resting.result()
