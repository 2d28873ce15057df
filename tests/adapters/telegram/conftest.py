from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.playground.telegram import Person, TelegramServer


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(strict=True) as server:
        yield server


@pytest.fixture
def ann(server: TelegramServer) -> Person:
    """A person whose app speaks English."""
    return server.person("Ann")
