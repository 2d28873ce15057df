"""Waiting until something has become true, without sleeps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class Changes:
    """Lets others wait until something that they look for has become true."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], object], asyncio.Future[None]]] = []
        self.version = 0

    def note(self) -> None:
        """Something has changed."""
        self.version += 1
        for holds, future in tuple(self._waiting):
            if not future.done() and holds():
                future.set_result(None)

    async def after(self, version: int, timeout: float) -> int:
        """The version once it is above another one, or as it is when `timeout` seconds have passed."""
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: self.version > version, timeout)
        return self.version

    async def until(self, find: Callable[[], Found], timeout: float = 10.0) -> Found:
        """What `find` returns as soon as it is true; raises TimeoutError after `timeout` seconds."""
        if found := find():
            return found
        waiting = (find, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                await waiting[1]
        finally:
            self._waiting.remove(waiting)
        return find()
