from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import StreamReader

from bot.console_password import renew_password
from bot.messages import Finished
from bot.streams import LocalStreams
from storage import Store
from tests.adapters.console.browser import Browser, Console, browsing, serving


@asynccontextmanager
async def listening(operator: Browser, conversation: str, version: str) -> AsyncIterator[StreamReader]:
    query = {"conversation": conversation, "version": version}
    async with operator.session.get("/console/events", params=query) as response:
        assert response.content_type == "text/event-stream"
        yield response.content


async def next_version(lines: StreamReader) -> str:
    """The data of the next event; comments keep the line open and are passed over."""
    async with asyncio.timeout(10):
        while line := await lines.readline():
            if line.startswith(b"data: "):
                return line.decode().removeprefix("data: ").strip()
    raise AssertionError("the stream ended")


async def test_an_open_page_is_told_what_the_customer_writes(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off()
    page = await operator.get(f"/console/conversations/{conversation}")
    version = page.attribute("main", "data-version")
    async with listening(operator, conversation, version) as lines:
        await console.customer_says("are you there?")
        told = await next_version(lines)
    assert told != version
    page = await operator.get(f"/console/conversations/{conversation}")
    assert page.attribute("main", "data-version") == told


async def test_what_happened_before_the_page_listened_is_told_at_once(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off()
    async with listening(operator, conversation, "as it was") as lines:
        assert await next_version(lines) == await console.store.desk.version(conversation)


async def test_an_operators_answer_reaches_whoever_watches_the_conversation(
    console: Console, operator: Browser
) -> None:
    conversation = await console.handed_off()
    await console.store.desk.take(conversation)
    async with console.streams.subscribe(conversation) as events:
        await operator.say(conversation, "Hello, I am Ann.")
        event = await asyncio.wait_for(anext(events), 5)
    assert isinstance(event, Finished)
    assert event.reply.text == "Hello, I am Ann."


async def test_a_stored_reply_is_told_without_waiting_for_the_next_look(store: Store, streams: LocalStreams) -> None:
    password = await renew_password(store.operators)
    async with serving(store, streams, password, check_seconds=60) as console, browsing(console) as operator:
        await operator.log_in(password)
        conversation = await console.handed_off()
        await store.desk.take(conversation)
        version = await store.desk.version(conversation)
        async with listening(operator, conversation, "as it was") as lines:
            assert await next_version(lines) == version
            await operator.say(conversation, "Hello!")
            assert await next_version(lines) != version


async def test_too_many_open_pages_are_refused(store: Store, streams: LocalStreams) -> None:
    password = await renew_password(store.operators)
    async with serving(store, streams, password, watchers=1) as console, browsing(console) as operator:
        await operator.log_in(password)
        async with listening(operator, "", ""):
            assert (await operator.get("/console/events")).status == 503


async def test_a_page_whose_session_has_ended_hears_no_more(store: Store, streams: LocalStreams) -> None:
    password = await renew_password(store.operators)
    options = {"check_seconds": 0.02, "heartbeat_seconds": 0.02}
    async with serving(store, streams, password, **options) as console, browsing(console) as operator:
        await operator.log_in(password)
        async with listening(operator, "", await store.desk.version()) as lines:
            await renew_password(store.operators)
            async with asyncio.timeout(10):
                assert b"data:" not in await lines.read()


async def test_the_server_stops_while_pages_are_open(store: Store, streams: LocalStreams) -> None:
    password = await renew_password(store.operators)
    async with AsyncExitStack() as stack:
        console = await stack.enter_async_context(serving(store, streams, password, check_seconds=60))
        async with browsing(console) as operator:
            await operator.log_in(password)
            async with listening(operator, "", await store.desk.version()) as lines, asyncio.timeout(10):
                await lines.readline()
                await stack.aclose()
                assert await lines.read() == b"\n"
