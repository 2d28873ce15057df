"""Updates that Telegram brings, and what it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from adapters.playground.telegram import Person, TelegramServer, slow
from adapters.telegram.webhook import BODY_BYTES, SECRET_HEADER
from tests.adapters.telegram.examples import PNG, Running, echo, options, running, until_delivered
from tests.spine.examples import Reply

SECRET = "a-secret_token"


@asynccontextmanager
async def hooked(
    server: TelegramServer, url: str, folder: Path, reply: Reply = echo, **rules: Any
) -> AsyncIterator[tuple[Running, str]]:
    """A bot with a webhook, mounted as the web server mounts it; and the webhook's address."""
    port = unused_port()
    address = f"http://127.0.0.1:{port}/telegram/webhook"
    settings = options(server, mode="webhook", webhook_url=address, secret_token=SECRET)
    async with running(url, folder, settings, reply, **rules) as bot:
        root = web.Application()
        root.add_subapp("/telegram", bot.channel.webhook())
        async with TestServer(root, port=port):
            await server.until_requests("setWebhook")
            yield bot, address


async def post(address: str, body: bytes, secret: str | None = SECRET) -> tuple[int, str | None]:
    """The status of the answer, and when to come again."""
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with ClientSession() as client, client.post(address, data=body, headers=headers) as answer:
        return answer.status, answer.headers.get("Retry-After")


async def test_a_message_is_answered(server: TelegramServer, ann: Person, database_url: str, tmp_path: Path) -> None:
    async with hooked(server, database_url, tmp_path) as (bot, _):
        ann.write("Where is my order?")
        await server.until_text(ann, "Where is my order?")
        await server.until_confirmed()
        assert bot.status.problem is None
    [request] = server.requests.of("setWebhook")
    assert request.parameters["secret_token"] == SECRET
    assert "message_reaction" in request.parameters["allowed_updates"]


async def test_what_was_sent_while_the_bot_was_away_comes_in_order(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    words = [f"message {number}" for number in range(10)]
    for word in words:
        ann.write(word)
    async with hooked(server, sqlite_url, tmp_path, coalesce_seconds=0.2) as (bot, _):
        await server.until_confirmed()
        messages = await bot.store.history.messages("telegram", str(ann.id))
    assert [message.text for message in messages if message.role == "user"] == words


@pytest.mark.parametrize("secret", [None, "", "wrong", "a-secret_tokem", "ä"])
async def test_who_does_not_know_the_secret_is_refused(
    server: TelegramServer, sqlite_url: str, tmp_path: Path, secret: str | None
) -> None:
    async with hooked(server, sqlite_url, tmp_path) as (bot, address):
        assert (await post(address, b'{"update_id": 1}', secret))[0] == 403
        assert (await bot.store.history.counts()).messages == 0


async def test_bodies_that_are_too_long_or_no_json_are_refused_and_the_malformed_passed_over(
    server: TelegramServer, sqlite_url: str, tmp_path: Path
) -> None:
    async with hooked(server, sqlite_url, tmp_path) as (_, address):
        assert (await post(address, b"x" * (BODY_BYTES + 1)))[0] == 413
        assert (await post(address, b"{"))[0] == 400
        assert (await post(address, b'{"update_id": 7, "message": 5}'))[0] == 200
        assert (await post(address, b"[]"))[0] == 200


async def test_a_full_queue_and_a_bot_that_is_stopping_say_later(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    update = ann.write("hello").update
    server.updates.drop_pending()
    async with hooked(server, sqlite_url, tmp_path, queue_limit=1, coalesce_seconds=60) as (bot, address):
        ann.write("first")
        await server.until_confirmed()
        body = web.json_response(update).body
        assert isinstance(body, bytes)
        assert await post(address, body) == (503, "2")
        bot.channel._webhook.close()
        assert await post(address, body) == (503, "5")


async def test_a_repeat_changes_nothing_even_while_the_first_is_under_way(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with hooked(server, sqlite_url, tmp_path) as (bot, address):
        server.faults.next(slow(0.5), method="getFile")
        update = ann.photo(PNG, "look").update
        body = web.json_response(update).body
        assert isinstance(body, bytes)
        answers = await asyncio.gather(*[post(address, body) for _ in range(3)])
        await server.until_confirmed()
        assert [status for status, _ in answers] == [200] * 3
        await until_delivered(bot.store)
        assert len(await bot.store.history.messages("telegram", str(ann.id))) == 2
    assert len(server.requests.of("getFile")) == 1
    assert len(server.bot_messages(ann)) == 1


async def test_a_webhook_that_somebody_has_taken_is_said(
    server: TelegramServer, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.telegram.channel.WEBHOOK_CHECK_SECONDS", 0.1)
    async with hooked(server, sqlite_url, tmp_path) as (bot, _):
        server.world.deliverer.webhook.url = "https://other.example/webhook"
        async with asyncio.timeout(10):
            while "Another program has taken the webhook" not in (bot.status.problem or ""):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_polling_takes_a_webhook_away_and_loses_no_update(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with hooked(server, sqlite_url, tmp_path):
        pass
    ann.write("hello")
    async with running(sqlite_url, tmp_path, options(server), echo):
        await server.until_text(ann, "hello")
