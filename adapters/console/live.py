"""GET /events: tells an open page that what it shows has changed, as server-sent events.

The page asks with the version that it shows, so that nothing between its making and this request is missed.
A reply stored by this process is noticed at once; what customers write, and what other processes do, at the
next look. The event's data is the new version; the page then fetches itself again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

from aiohttp import web

from adapters.console.guard import SESSION, Guard
from adapters.console.options import ConsoleOptions
from bot.errors import StorageError
from bot.messages import Finished, StreamEvent
from bot.protocols import Desk, Streams


class Live:
    """All pages that wait for changes."""

    def __init__(self, options: ConsoleOptions, desk: Desk, streams: Streams, guard: Guard) -> None:
        self._options = options
        self._desk = desk
        self._streams = streams
        self._guard = guard
        self._watching: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [web.get("/events", self._serve)]

    async def close(self, app: web.Application) -> None:
        """Ends all of them; the pages come back by themselves."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if len(self._watching) >= self._options.watchers:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        task = asyncio.create_task(self._watch(request, response))
        self._watching.add(task)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                await task
        finally:
            task.cancel()
            self._watching.discard(task)
        return response

    async def _watch(self, request: web.Request, response: web.StreamResponse) -> None:
        conversation_id = request.query.get("conversation") or None
        known = request.query.get("version", "")
        heard_at = 0.0
        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            replied = asyncio.Event()
            if conversation_id:
                events = await stack.enter_async_context(self._streams.subscribe(conversation_id))
                listening = asyncio.create_task(_listen(events, replied))
                stack.callback(listening.cancel)
            while True:
                with suppress(StorageError):
                    version = await self._desk.version(conversation_id)
                    if version != known:
                        known = version
                        await response.write(f"data: {version}\n\n".encode())
                if loop.time() - heard_at > self._options.heartbeat_seconds:
                    heard_at = loop.time()
                    if not await self._guard.is_valid(request[SESSION]):
                        return
                    await response.write(b": here\n\n")
                with suppress(TimeoutError):
                    await asyncio.wait_for(replied.wait(), self._options.check_seconds)
                replied.clear()


async def _listen(events: AsyncIterator[StreamEvent], replied: asyncio.Event) -> None:
    async for event in events:
        if isinstance(event, Finished):
            replied.set()
