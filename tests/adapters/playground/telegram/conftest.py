"""A server, and the official library's bot that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import telegram
from telegram.request import HTTPXRequest

from adapters.playground.telegram import Person, TelegramServer


def bot_of(server: TelegramServer, token: str = "") -> telegram.Bot:
    """python-telegram-bot's client, without loading certificates, which plain HTTP does not need."""
    return telegram.Bot(
        token or server.token,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=HTTPXRequest(httpx_kwargs={"verify": False}),
        get_updates_request=HTTPXRequest(httpx_kwargs={"verify": False}),
    )


@pytest.fixture(autouse=True)
def _times_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library warns otherwise whenever it meets a 429."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[telegram.Bot]:
    async with bot_of(server) as bot:
        yield bot


@pytest.fixture
def ann(server: TelegramServer) -> Person:
    """A person who has started the bot, which has seen it."""
    ann = server.person("Ann", username="ann_customer")
    ann.write("/start")
    server.updates.drop_pending()
    return ann
