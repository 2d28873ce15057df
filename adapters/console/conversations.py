"""The inbox and the conversations: pages to read, and forms to take over and answer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import get_args

from aiohttp import web

from adapters.console.guard import field
from adapters.console.options import PREFIX, ConsoleOptions
from adapters.console.pages import Pages
from bot.errors import InvalidMessage
from bot.messages import Overview, Thread
from bot.protocols import Desk, InboxFilter

PAGE = 50
KEY_CHARACTERS = 64
FILTERS: tuple[InboxFilter, ...] = get_args(InboxFilter)


class Conversations:
    """The routes / and /conversations."""

    def __init__(self, options: ConsoleOptions, desk: Desk, pages: Pages) -> None:
        self._options = options
        self._desk = desk
        self._pages = pages

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        one = "/conversations/{id}"
        return [
            web.get("", self._inbox),
            web.get("/", self._inbox),
            web.get(one, self._read),
            web.post(one + "/take", self._take),
            web.post(one + "/say", self._say),
            web.post(one + "/hand-back", self._hand_back),
            web.post(one + "/resolve", self._resolve),
        ]

    async def _inbox(self, request: web.Request) -> web.Response:
        return await self._page(request)

    async def _read(self, request: web.Request) -> web.Response:
        return await self._page(request, request.match_info["id"])

    async def _take(self, request: web.Request) -> web.Response:
        await self._desk.take(request.match_info["id"])
        return _back(request)

    async def _hand_back(self, request: web.Request) -> web.Response:
        await self._desk.hand_back(request.match_info["id"])
        return _back(request)

    async def _resolve(self, request: web.Request) -> web.Response:
        await self._desk.resolve(request.match_info["id"])
        return _back(request)

    async def _say(self, request: web.Request) -> web.Response:
        text = (await field(request, "text")).replace("\r\n", "\n").strip()
        key = await field(request, "key")
        if not 0 < len(text) <= self._options.message_characters or not 0 < len(key) <= KEY_CHARACTERS:
            raise InvalidMessage("The message is empty or too long.")
        await self._desk.say(request.match_info["id"], text, key)
        return _back(request)

    async def _page(self, request: web.Request, conversation_id: str | None = None) -> web.Response:
        """Both panes: the inbox, and beside it the conversation if one is open."""
        version = await self._desk.version(conversation_id)
        thread = await self._thread(request, conversation_id) if conversation_id else None
        filter = _filter(request)
        lines = await self._desk.inbox(filter, before=request.query.get("after"), limit=PAGE + 1)
        return self._pages.page(
            request,
            "desk.html",
            version=version,
            filter=filter,
            counts=await self._desk.counts(),
            lines=lines[:PAGE],
            following=_following(lines),
            thread=thread,
            is_older="before" in request.query,
            key=secrets.token_urlsafe(12),
        )

    async def _thread(self, request: web.Request, conversation_id: str) -> Thread:
        before = request.query.get("before", "")
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
        return await self._desk.thread(conversation_id, before=number)


def _filter(request: web.Request) -> InboxFilter:
    wanted = request.query.get("filter")
    return next((filter for filter in FILTERS if filter == wanted), FILTERS[0])


def _following(lines: Sequence[Overview]) -> str | None:
    """The conversation behind which the next page begins, None when there is none."""
    return lines[PAGE - 1].conversation.id if len(lines) > PAGE else None


def _back(request: web.Request) -> web.Response:
    address = f"{PREFIX}/conversations/{request.match_info['id']}?filter={_filter(request)}"
    return web.Response(status=303, headers={"Location": address})
