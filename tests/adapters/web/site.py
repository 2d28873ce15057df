"""A whole site to test against: real SQLite, workers, senders and HTTP; only the replies are foretold."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from yarl import URL

from adapters.web import WebOptions, WebServer
from bot.messages import Accepted, Document, Incoming, Reply
from bot.protocols import Inbox
from bot.sender import Sender
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.worker import Workers
from storage import Store
from tests.adapters.web.conversation import RETURNS, Echo

SECRET = b"the secret of the tests, 32 bytes"
IMMEDIATE = frozenset({"api", "openai"})


class FailingInbox:
    """The real inbox, until it is told to fail."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._error: Exception | None = None

    def fail_with(self, error: Exception | None) -> None:
        self._error = error

    async def accept(self, incoming: Incoming) -> Accepted:
        if self._error:
            raise self._error
        return await self._inbox.accept(incoming)

    async def reply_to(self, message_id: str) -> Reply | None:
        return await self._inbox.reply_to(message_id)


@dataclass
class Site:
    """What a test needs of a running site."""

    server: WebServer
    store: Store
    inbox: FailingInbox
    streams: LocalStreams
    http: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return self.server.url

    async def ask(self, user: str, text: str, **more: str) -> dict[str, Any]:
        """A message over the API; its reply."""
        async with self.http.post("/api/messages", json={"user": user, "text": text, **more}) as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())

    async def history(self, conversation: str, **query: Any) -> dict[str, Any]:
        path = URL(f"/api/conversations/{quote(conversation, safe='')}/messages", encoded=True).with_query(query)
        async with self.http.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())

    async def reply_in_history(self, conversation: str, channel: str = "api") -> None:
        """Returns once the conversation ends with a reply."""
        while True:
            messages = await self.store.history.messages(channel, conversation)
            if messages and messages[-1].role != "user":
                return

    async def metric_becomes(self, line: str) -> None:
        """Returns once /metrics says so."""
        async with asyncio.timeout(30):
            while line not in await (await self.http.get("/metrics")).text():
                pass

    async def feedback(self) -> list[tuple[str, int, str]]:
        query = text("SELECT message_id, score, comment FROM feedback")
        rows = await self.store.database.read(lambda connection: connection.execute(query).all())
        return [(row.message_id, row.score, row.comment) for row in rows]


class Serve(Protocol):
    """Starts a site; `deaf` hears nothing of replies while they are made, as if another process made them."""

    def __call__(self, *, deaf: bool = False, **options: Any) -> AbstractAsyncContextManager[Site]: ...


@asynccontextmanager
async def open_store(folder: Path, migrated: Path, streams: LocalStreams) -> AsyncIterator[Store]:
    """A database that knows the passage about returns; the same folder again has what was stored."""
    file = folder / "parley.db"
    fresh = not file.exists()
    if fresh:
        shutil.copy(migrated, file)
    store = await Store.open(
        f"sqlite+aiosqlite:///{file}",
        streams,
        coalesce_seconds=0.05,
        immediate_channels=IMMEDIATE,
        files=folder / "files",
    )
    try:
        if fresh:
            document = Document("returns", "returns.md", "returns.md", "1", 1, datetime.now(UTC))
            await store.knowledge.replace(document, [RETURNS])
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def run_site(
    folder: Path, migrated: Path, echo: Echo, *, deaf: bool = False, **options: Any
) -> AsyncIterator[Site]:
    """Everything that serves a site, and its end in the right order."""
    streams = LocalStreams()
    extra = {
        name: options.pop(name) for name in ("count_tokens", "readiness", "platforms", "artist") if name in options
    }
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(folder, migrated, streams))
        workers = Workers(store.turns, echo, streams, WorkersSection(count=4, drain_seconds=1))
        await stack.enter_async_context(workers.running())
        inbox = FailingInbox(store.inbox)
        server = WebServer(
            WebOptions(**{"port": 0, "drain_seconds": 1, **options}),
            inbox=inbox,
            history=store.history,
            streams=LocalStreams() if deaf else streams,
            passages=store.knowledge,
            files=store.files,
            secret=SECRET,
            registry=CollectorRegistry(),
            **{"readiness": ready, **extra},
        )
        await server.start()
        stack.push_async_callback(server.stop)
        for channel in () if deaf else server.channels:
            await stack.enter_async_context(Sender(store.outbox, channel).running())
        http = await stack.enter_async_context(aiohttp.ClientSession(server.url))
        yield Site(server, store, inbox, streams, http)


async def ready() -> dict[str, str | bool]:
    return {"database": True}


async def read_events(answer: aiohttp.ClientResponse) -> list[tuple[str, Any]]:
    """All server-sent events of an answer: name and data."""
    events = []
    for block in (await answer.text()).strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((fields.get("event", ""), json.loads(fields["data"])))
    return events
