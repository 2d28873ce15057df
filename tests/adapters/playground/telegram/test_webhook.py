"""Updates by webhook, to a real listener."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import telegram
from aiohttp import web
from telegram.error import BadRequest, Conflict

from adapters.playground.telegram import TelegramServer
from adapters.playground.telegram.changes import Changes
from tests.adapters.playground.telegram.conftest import bot_of


@dataclass
class Listener:
    """Takes deliveries and answers with the statuses in `answers`, then with 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    deliveries: list[tuple[dict[str, Any], str | None]] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)

    async def take(self, request: web.Request) -> web.Response:
        self.deliveries.append((await request.json(), request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        self.changes.announce()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update, _ in self.deliveries]

    async def until(self, count: int) -> None:
        await self.changes.until(lambda: len(self.deliveries) >= count)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    application = web.Application()
    application.router.add_post("/hook", listener.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield listener
    await runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(first_pause=0.02, longest_pause=0.05) as server:
        yield server


async def test_updates_are_delivered_with_the_secret(
    server: TelegramServer, bot: telegram.Bot, listener: Listener
) -> None:
    await bot.set_webhook(listener.url, secret_token="s3cret_-")
    ann = server.person("Ann")
    for text in ("one", "two", "three"):
        ann.write(text)
    await server.until_confirmed()
    assert listener.texts() == ["one", "two", "three"]
    assert {secret for _, secret in listener.deliveries} == {"s3cret_-"}


async def test_what_is_refused_comes_again_before_the_next_of_its_chat(
    server: TelegramServer, bot: telegram.Bot, listener: Listener
) -> None:
    listener.answers = [500, 503]
    await bot.set_webhook(listener.url)
    ann = server.person("Ann")
    ann.write("one")
    ann.write("two")
    await server.until_confirmed()
    assert listener.texts() == ["one", "one", "one", "two"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert info.pending_update_count == 0


async def test_a_chat_in_its_pause_does_not_hold_up_others(bot: telegram.Bot, listener: Listener) -> None:
    async with TelegramServer(first_pause=600) as server, bot_of(server) as bot:
        ann, bob = server.person("Ann"), server.person("Bob")
        listener.answers = [500]
        await bot.set_webhook(listener.url)
        ann.write("from Ann")
        await listener.until(1)
        bob.write("from Bob")
        await listener.until(2)
        assert listener.texts() == ["from Ann", "from Bob"]
        await server.changes.until(lambda: len(server.updates.pending) == 1)


async def test_an_update_can_be_delivered_twice(server: TelegramServer, bot: telegram.Bot, listener: Listener) -> None:
    await bot.set_webhook(listener.url)
    sent = server.person("Ann").write("Hello")
    await server.until_confirmed()
    server.updates.redeliver(sent.update_id)
    await listener.until(2)
    assert listener.deliveries[0] == listener.deliveries[1]


async def test_webhook_and_polling_exclude_each_other(
    server: TelegramServer, bot: telegram.Bot, listener: Listener
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until_polled()
    await bot.set_webhook(listener.url)
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await poll
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_dropped_updates_are_not_delivered(server: TelegramServer, bot: telegram.Bot, listener: Listener) -> None:
    ann = server.person("Ann")
    ann.write("old")
    await bot.set_webhook(listener.url, drop_pending_updates=True, max_connections=1)
    ann.write("new")
    await server.until_confirmed()
    assert listener.texts() == ["new"]
    assert (await bot.get_webhook_info()).max_connections == 1


@pytest.mark.parametrize("secret", ["with space", "é", "a" * 257])
async def test_bad_secrets_are_refused(bot: telegram.Bot, secret: str) -> None:
    with pytest.raises(BadRequest, match="Secret token"):
        await bot.set_webhook("https://example.org/hook", secret_token=secret)


async def test_a_webhook_needs_a_web_address(bot: telegram.Bot) -> None:
    with pytest.raises(BadRequest, match="Bad webhook"):
        await bot.set_webhook("ftp://example.org")


async def test_a_dead_webhook_is_said_to_be_dead(server: TelegramServer, bot: telegram.Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook")
    server.person("Ann").write("Hello")
    webhook = server.world.deliverer.webhook
    await server.changes.until(lambda: webhook.deliveries >= 2)
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Connection refused"
    assert info.pending_update_count == 1
