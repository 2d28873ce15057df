from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.pacing import Limit
from adapters.playground.telegram import Person, Rates, TelegramServer
from adapters.telegram import pace, previews, watcher

SECOND = 0.1
"""What tests have for a second of the platform's limits, on both sides of the wire."""


@pytest.fixture(autouse=True)
def _fast_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "CHAT", Limit(1, SECOND))
    monkeypatch.setattr(pace, "DRAFT", Limit(1, SECOND))
    monkeypatch.setattr(previews, "PRIVATE_SECONDS", SECOND)
    monkeypatch.setattr(previews, "GROUP_SECONDS", 3 * SECOND)
    monkeypatch.setattr(watcher, "START_SECONDS", SECOND)


@pytest.fixture
def rates() -> Rates:
    """The server's side of the same limits, without a burst."""
    return Rates(chat_burst=1, chat_interval=SECOND)


@pytest.fixture
async def server(rates: Rates) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(strict=True, rates=rates, first_pause=SECOND) as server:
        yield server


@pytest.fixture
def ann(server: TelegramServer) -> Person:
    """A person whose app speaks English."""
    return server.person("Ann")
