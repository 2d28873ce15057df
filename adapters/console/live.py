"""GET /events: tells an open page that what it shows has changed, as server-sent events.

The page asks with the version that it shows, so that nothing between its making and this request is missed.
A reply stored by this process is noticed at once; what customers write, and what other processes do, at the
next look. The event's data is the new version; the page then fetches itself again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

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
            with suppress(ConnectionError, StorageError, asyncio.CancelledError):
                await task
        finally:
            task.cancel()
            self._watching.discard(task)
        return response

    async def _watch(self, request: web.Request, response: web.StreamResponse) -> None:
        conversation_id = request.query.get("conversation") or None
        known = request.query.get("version", "")
        changed = asyncio.Event()
        async with self._listening(conversation_id, changed):
            while await self._still_open(request, response):
                round_ends = asyncio.get_running_loop().time() + self._options.heartbeat_seconds
                while asyncio.get_running_loop().time() < round_ends:
                    known = await self._tell(response, conversation_id, known)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), self._options.check_seconds)
                    changed.clear()

    async def _still_open(self, request: web.Request, response: web.StreamResponse) -> bool:
        """Finds out whether the page is still there, and whether its operator may still read."""
        await response.write(b": here\n\n")
        return await self._guard.is_valid(request[SESSION])

    async def _tell(self, response: web.StreamResponse, conversation_id: str | None, known: str) -> str:
        """Sends the version if it is another one than the page knows; returns what the page knows now."""
        try:
            version = await self._desk.version(conversation_id)
        except StorageError:
            return known  # the next look may find the database again
        if version != known:
            await response.write(f"data: {version}\n\n".encode())
        return version

    @asynccontextmanager
    async def _listening(self, conversation_id: str | None, changed: asyncio.Event) -> AsyncIterator[None]:
        """Sets `changed` with each reply to the conversation."""
        if conversation_id is None:
            yield
            return
        async with self._streams.subscribe(conversation_id) as events:
            listener = asyncio.create_task(_listen(events, changed))
            try:
                yield
            finally:
                listener.cancel()
                await asyncio.gather(listener, return_exceptions=True)


async def _listen(events: AsyncIterator[StreamEvent], changed: asyncio.Event) -> None:
    async for event in events:
        if isinstance(event, Finished):
            changed.set()
