"""Server-sent events."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import web

from adapters.web.errors import Refusal, refusal
from adapters.web.middleware import error_json
from adapters.web.shapes import dump
from bot.errors import ParleyError

log = structlog.get_logger()


class EventStream:
    """A response of events. An error inside of the block becomes the last event; a client that left ends it."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        )

    async def __aenter__(self) -> Self:
        await self.response.prepare(self._request)
        return self

    async def send(self, data: Any, event: str = "") -> None:
        """One event; raises ConnectionError when the client is gone."""
        await self.send_text(dump(data), event)

    async def send_text(self, data: str, event: str = "") -> None:
        """One event whose data is a single line of text."""
        name = f"event: {event}\n" if event else ""
        await self.response.write(f"{name}data: {data}\n\n".encode())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, ConnectionError):
            return True
        if isinstance(error, Exception):
            await self._send_error(error)
        if error is None or isinstance(error, Exception):
            await self.response.write_eof()
            return True
        return False

    async def _send_error(self, error: Exception) -> None:
        if isinstance(error, ParleyError):
            answer = refusal(error)
        else:
            log.error("request failed", method=self._request.method, path=self._request.path, exc_info=error)
            answer = Refusal(500, "internal", "Something went wrong on our side.")
        await self.send(error_json(answer, self._request.path), "error")
