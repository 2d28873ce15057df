"""Parts for tests of workers and senders: replies by a function, a channel that remembers, stages that were passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.messages import Delivery, Draft, Incoming, Turn
from bot.protocols import Publish
from bot.streams import LocalStreams
from storage import Store

Reply = Callable[[Turn, Publish], Awaitable[Draft]]


@asynccontextmanager
async def opened(url: str, streams: LocalStreams, **rules: object) -> AsyncIterator[Store]:
    """A store by the real clock, whose bursts are not waited for."""
    store = await Store.open(url, streams, coalesce_seconds=0, **rules)  # type: ignore[arg-type]
    try:
        yield store
    finally:
        await store.close()


def draft(text: str, route: str = "chat") -> Draft:
    return Draft(text, route, 1.0, "en")  # type: ignore[arg-type]


def incoming(text: str, conversation: str = "anna-1", external_id: str | None = None) -> Incoming:
    return Incoming("web", external_id or f"{conversation}/{text}", conversation, conversation, text)


class Scripted:
    """Replies made by a function; the apology is always the same."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        return await self._reply(turn, publish)

    def apology(self, turn: Turn) -> Draft:
        return draft("Sorry.", "handoff")


async def echo(turn: Turn, publish: Publish) -> Draft:
    """Says the messages again, word by word and as the reply."""
    text = " / ".join(message.text for message in turn.messages)
    publish(text)
    return draft(text)


class Recorder:
    """A channel whose platform takes everything, or answers by a function."""

    name = "web"

    def __init__(self, answer: Callable[[Delivery], Awaitable[str | None]] | None = None) -> None:
        self.tried: list[Delivery] = []
        self.taken: list[Delivery] = []
        self._answer = answer
        self._changed = asyncio.Event()

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> str | None:
        self.tried.append(delivery)
        platform_id = await self._answer(delivery) if self._answer else None
        self.taken.append(delivery)
        self._changed.set()
        return platform_id

    async def texts(self, count: int) -> list[str]:
        """The first texts that were taken, when there are so many."""
        async with asyncio.timeout(30):
            while len(self.taken) < count:
                self._changed.clear()
                await self._changed.wait()
        return [delivery.reply.text for delivery in self.taken[:count]]


class Stages:
    """Remembers what stages were passed, and waits for one."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self._changed = asyncio.Event()

    def __call__(self, stage: str) -> None:
        self.passed.append(stage)
        self._changed.set()

    async def until(self, stage: str, times: int = 1) -> None:
        async with asyncio.timeout(30):
            while self.passed.count(stage) < times:
                self._changed.clear()
                await self._changed.wait()
