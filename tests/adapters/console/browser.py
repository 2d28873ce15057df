"""What console tests are made of: a console that is served, and a browser without scripts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from selectolax.lexbor import LexborHTMLParser

from adapters.console import PREFIX, ConsoleOptions, console_app
from bot.console_password import PasswordAccounts
from bot.messages import Attachment, Draft, Incoming
from bot.streams import LocalStreams
from storage import Store

SECRET = b"s" * 32


class Clock:
    """The time as it is, which can be moved on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass(frozen=True)
class Console:
    """A console that can be reached at `url`, and what is behind it."""

    url: str
    store: Store
    streams: LocalStreams
    clock: Clock
    password: str

    async def customer_says(
        self,
        text: str,
        *attachments: Attachment,
        name: str | None = "Anna",
        conversation: str = "anna-1",
    ) -> str:
        """A message to the bot; returns our id of the conversation."""
        key = f"{time.monotonic_ns()}"
        accepted = await self.store.inbox.accept(
            Incoming("api", key, conversation, f"user of {conversation}", text, attachments, user_name=name)
        )
        return accepted.conversation_id

    async def bot_says(self, text: str, **more: Any) -> None:
        """The bot's reply to what waits."""
        turn = await self.store.turns.claim("worker")
        assert turn is not None
        values: dict[str, Any] = {"route": "chat", "confidence": 0.9, "language": "en", **more}
        await self.store.turns.commit(turn, Draft(text, **values))

    async def handed_off(self, text: str = "I want a person") -> str:
        """A conversation that waits for a person."""
        conversation = await self.customer_says(text)
        await self.bot_says("I have told the team.", route="handoff", state="waiting")
        return conversation


@asynccontextmanager
async def serving(store: Store, streams: LocalStreams, password: str, **options: Any) -> AsyncIterator[Console]:
    """A console on a free port."""
    clock = Clock()
    console = console_app(
        ConsoleOptions(**options),
        store.desk,
        PasswordAccounts(store.operators),
        streams,
        store.files,
        SECRET,
        clock,
    )
    app = web.Application()
    app.add_subapp(PREFIX, console)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Console(f"http://127.0.0.1:{runner.addresses[0][1]}", store, streams, clock, password)
    finally:
        await runner.cleanup()


@dataclass(frozen=True)
class Page:
    """An answer of the console."""

    status: int
    path: str
    html: str
    headers: Any

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.html)

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that the selector finds, with white space folded."""
        return [" ".join(node.text().split()) for node in self.tree.css(selector)]

    def attribute(self, selector: str, name: str) -> str:
        """An attribute of the first element that the selector finds, which must be there."""
        node = self.tree.css_first(selector)
        assert node is not None
        return node.attributes[name] or ""

    def value(self, name: str) -> str:
        """The value of a form's field."""
        return self.attribute(f"input[name={name}]", "value")


class Browser:
    """Keeps cookies, follows redirects, and fills forms with the tokens of the page it is on."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.page = Page(0, "", "", {})

    async def get(self, path: str, **headers: str) -> Page:
        async with self.session.get(path, headers=headers) as response:
            return await self._show(response)

    async def post(self, path: str, **fields: str) -> Page:
        """Sends a form as the page has it; a field that is given replaces the page's."""
        form = {"token": self.page.value("token") if "token" not in fields else "", **fields}
        async with self.session.post(path, data=form) as response:
            return await self._show(response)

    async def log_in(self, password: str, name: str = "admin") -> Page:
        await self.get("/console/log-in")
        return await self.post("/console/log-in", name=name, password=password)

    async def say(self, conversation: str, text: str) -> Page:
        """Opens the conversation and answers in it."""
        page = await self.get(f"/console/conversations/{conversation}")
        return await self.post(f"/console/conversations/{conversation}/say", text=text, key=page.value("key"))

    async def _show(self, response: aiohttp.ClientResponse) -> Page:
        self.page = Page(response.status, response.url.path, await response.text(), response.headers)
        return self.page


@asynccontextmanager
async def browsing(console: Console) -> AsyncIterator[Browser]:
    """A browser of its own, which has not logged in."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address instead of a name
    async with aiohttp.ClientSession(console.url, cookie_jar=jar) as session:
        yield Browser(session)
