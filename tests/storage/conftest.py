from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.streams import LocalStreams
from storage import Store
from tests.storage.examples import MovableClock, opened


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def streams() -> LocalStreams:
    return LocalStreams()


@pytest.fixture
async def store(database_url: str, streams: LocalStreams, clock: MovableClock) -> AsyncIterator[Store]:
    """A store on each database; its clock stands still until a test moves it."""
    async with opened(database_url, streams, clock) as store:
        yield store
