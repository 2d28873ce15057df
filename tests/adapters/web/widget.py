"""A client of /ws that speaks the protocol as the widget does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp

from tests.adapters.web.site import Site

Event = dict[str, Any]
SECONDS = 20


class Widget:
    """`events` are all that came; `token` is what the browser would keep."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[Event] = []
        self.token = ""

    async def hello(self, token: str | None = None, **more: Any) -> Event:
        await self.send("hello", token=token, **more)
        welcome = await self.until("welcome")
        self.token = welcome["token"]
        return welcome

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send_json({"type": kind, **fields})

    async def next(self) -> Event:
        event: Event = await self.socket.receive_json(timeout=SECONDS)
        self.events.append(event)
        return event

    async def until(self, kind: str) -> Event:
        while (event := await self.next())["type"] != kind:
            pass
        return event

    async def resume(self, after: int = 0) -> list[Event]:
        """The messages that the server has above `after`."""
        await self.send("resume", after=after)
        start = len(self.events)
        await self.until("resumed")
        return [message for event in self.events[start:] for message in event.get("messages", [])]

    async def say(self, text: str, message_id: str | None = None) -> Event:
        """Sends a message; its acknowledgement."""
        await self.send("message", id=message_id or str(uuid4()), text=text)
        return await self.until("ack")

    async def reply(self) -> Event:
        """The next message that is not the visitor's."""
        while True:
            for message in (await self.until("messages"))["messages"]:
                if message["role"] != "user":
                    return dict(message)

    async def closed(self) -> int | None:
        """The close code, once the server has closed."""
        async with asyncio.timeout(SECONDS):
            while (await self.socket.receive()).type not in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE):
                pass
        return self.socket.close_code


@asynccontextmanager
async def connect(site: Site, **options: Any) -> AsyncIterator[Widget]:
    """An open socket that has said nothing yet."""
    async with site.http.ws_connect("/ws", **options) as socket:
        yield Widget(socket)


@asynccontextmanager
async def visit(site: Site, token: str | None = None, after: int = 0) -> AsyncIterator[Widget]:
    """A visitor whose widget is open and has read what there is."""
    async with connect(site) as widget:
        await widget.hello(token)
        await widget.resume(after)
        yield widget
