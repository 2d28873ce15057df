"""The terminal talks through the same inbox, workers and outbox as every other channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from adapters.terminal import Terminal
from bot.errors import Busy
from bot.messages import Draft, Reply, Turn
from bot.protocols import Publish
from bot.sender import Sender
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.worker import Workers
from storage.store import Store


class Echo:
    """Answers with the customer's own words, published one by one; a `hold` keeps it from answering."""

    def __init__(self) -> None:
        self.hold: asyncio.Event | None = None

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        if self.hold:
            await self.hold.wait()
        text = f"You said: {turn.messages[-1].text}"
        for word in text.split(" "):
            publish(f"{word} ")
            await asyncio.sleep(0)
        return Draft(text, "chat", 1.0, "en")

    def apology(self, turn: Turn) -> Draft:
        return Draft("Sorry.", "chat", 0.0, "en")


@pytest.fixture
def streams() -> LocalStreams:
    return LocalStreams()


@pytest.fixture
async def store(database_url: str, streams: LocalStreams) -> AsyncIterator[Store]:
    store = await Store.open(database_url, streams, immediate_channels=frozenset({"terminal"}))
    yield store
    await store.close()


@asynccontextmanager
async def working(store: Store, streams: LocalStreams, echo: Echo) -> AsyncIterator[None]:
    async with Workers(store.turns, echo, streams, WorkersSection(count=2, drain_seconds=0)).running():
        yield


async def parts_of(parts: AsyncGenerator[str | Reply, None]) -> tuple[str, Reply]:
    """The streamed words, and the reply, which is the last part."""
    async with asyncio.timeout(60):
        *words, reply = [part async for part in parts]
    assert isinstance(reply, Reply)
    return "".join(str(word) for word in words), reply


async def test_words_come_first_and_then_the_stored_reply(store: Store, streams: LocalStreams) -> None:
    terminal = Terminal(store.inbox, streams)
    async with working(store, streams, Echo()), Sender(store.outbox, terminal).running():
        words, reply = await parts_of(terminal.say("hello there", user="ann", conversation="c1"))

    assert reply.text == "You said: hello there"
    assert words.strip() == reply.text
    assert reply.conversation_id == "c1"
    history = await store.history.messages("terminal", "c1", user="ann")
    assert [message.text for message in history] == ["hello there", reply.text]


async def test_a_conversation_goes_on_in_order(store: Store, streams: LocalStreams) -> None:
    terminal = Terminal(store.inbox, streams)
    async with working(store, streams, Echo()), Sender(store.outbox, terminal).running():
        said = [await parts_of(terminal.say(text, user="ann", conversation="c1")) for text in ("one", "two", "three")]

    assert [reply.text for _, reply in said] == [f"You said: {text}" for text in ("one", "two", "three")]


async def test_a_delivery_for_nobody_here_is_done_and_leaves_nothing_in_the_outbox(
    store: Store, streams: LocalStreams
) -> None:
    terminal = Terminal(store.inbox, streams)
    async with working(store, streams, Echo()):
        async with aclosing(terminal.say("hello", user="ann", conversation="c1")) as parts:
            await anext(parts)
        other = Terminal(store.inbox, streams)
        async with Sender(store.outbox, other).running():
            _, reply = await parts_of(other.say("again", user="ann", conversation="c1"))

    assert reply.text == "You said: again"
    assert not await store.outbox.due("terminal", 10)


async def test_a_reply_that_another_process_made_is_found(store: Store, streams: LocalStreams) -> None:
    terminal = Terminal(store.inbox, LocalStreams())
    async with working(store, streams, Echo()):
        words, reply = await parts_of(terminal.say("hello", user="ann", conversation="c1"))

    assert (words, reply.text) == ("", "You said: hello")


async def test_a_reply_that_takes_too_long_is_given_up_and_stays_owed(store: Store, streams: LocalStreams) -> None:
    terminal = Terminal(store.inbox, streams, seconds=0.1)
    echo = Echo()
    echo.hold = asyncio.Event()
    async with working(store, streams, echo):
        with pytest.raises(Busy, match=r"no reply after 0\.1 seconds"):
            await parts_of(terminal.say("hello", user="ann", conversation="c1"))
        echo.hold.set()
        patient = Terminal(store.inbox, streams)
        async with Sender(store.outbox, patient).running():
            await parts_of(patient.say("still there?", user="ann", conversation="c1"))

    history = await store.history.messages("terminal", "c1", user="ann")
    assert history[0].text == "hello"
    assert history[-1].role == "assistant"


async def test_the_channel_runs_until_it_is_stopped(store: Store, streams: LocalStreams) -> None:
    running = asyncio.create_task(Terminal(store.inbox, streams).run())
    await asyncio.sleep(0)

    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
