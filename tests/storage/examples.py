"""What storage tests are made of: a clock that can be moved, messages and drafts."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.messages import Delivery, Draft, Incoming, Reply, Turn
from bot.streams import LocalStreams
from storage import Store

LEASE = 30.0
WINDOW = 0.3
_numbers = itertools.count(1)


class RealClock:
    """The time as it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@asynccontextmanager
async def opened(
    url: str, streams: LocalStreams, clock: MovableClock | RealClock, **rules: Any
) -> AsyncIterator[Store]:
    """A store with a window of 0.3 s for bursts on the channel `web`, and none on `api`."""
    settings: dict[str, Any] = {"coalesce_seconds": WINDOW, "lease_seconds": LEASE, "queue_limit": 100, **rules}
    store = await Store.open(url, streams, clock=clock, immediate_channels=frozenset({"api"}), **settings)
    try:
        yield store
    finally:
        await store.close()


def incoming(text: str = "hello", **more: Any) -> Incoming:
    """A new message to the API by `anna` in her conversation, unless said otherwise."""
    values = {"channel": "api", "external_id": f"x{next(_numbers)}", "conversation": "anna-1", "user": "anna", **more}
    return Incoming(text=text, **values)


def draft(text: str = "Hello, Anna.", **more: Any) -> Draft:
    """A reply in small talk."""
    return Draft(**{"text": text, "route": "chat", "confidence": 0.9, "language": "en", **more})


async def claimed(store: Store, owner: str = "worker") -> Turn:
    """The next turn, which must be there."""
    turn = await store.turns.claim(owner)
    assert turn is not None
    return turn


async def due(store: Store, channel: str = "api") -> Delivery:
    """The one delivery that is due."""
    (delivery,) = await store.outbox.due(channel, 10)
    return delivery


async def answered(store: Store, text: str = "Hello, Anna.", **more: Any) -> Reply:
    """Answers the next turn."""
    return await store.turns.commit(await claimed(store), draft(text, **more))
