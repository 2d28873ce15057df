"""Faults as the official library meets them."""

from __future__ import annotations

import asyncio

import pytest
import telegram
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from adapters.playground.telegram import (
    Fault,
    Person,
    TelegramServer,
    connection_reset,
    server_error,
    slow,
    too_many_requests,
)


async def test_a_429_has_no_effect(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    server.faults.next(too_many_requests(5), method="sendMessage")
    with pytest.raises(RetryAfter):
        await bot.send_message(ann.id, "Hello")
    assert server.bot_messages(ann) == []


@pytest.mark.parametrize("fault", [server_error(500), server_error(502), connection_reset()])
async def test_a_fault_before_the_effect(server: TelegramServer, bot: telegram.Bot, ann: Person, fault: Fault) -> None:
    server.faults.next(fault, method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(ann.id, "Hello")
    assert server.bot_messages(ann) == []
    assert await bot.send_message(ann.id, "Hello")


@pytest.mark.parametrize("fault", [server_error(502, after_effect=True), connection_reset(after_effect=True)])
async def test_a_fault_after_the_effect(server: TelegramServer, bot: telegram.Bot, ann: Person, fault: Fault) -> None:
    server.faults.next(fault, method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(ann.id, "Hello")
    assert [message["text"] for message in server.bot_messages(ann)] == ["Hello"]
    [request] = server.requests.of("sendMessage")
    assert (request.done, request.fault) == (True, str(fault))


async def test_a_slow_answer_is_too_late_for_the_impatient(
    server: TelegramServer, bot: telegram.Bot, ann: Person
) -> None:
    server.faults.next(slow(0.3), method="sendMessage")
    with pytest.raises(TimedOut):
        await bot.send_message(ann.id, "Hello", read_timeout=0.05)
    await server.until_messages(ann, 1)


async def test_lost_updates_come_again(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    sent = ann.write("Hello")
    server.faults.next(connection_reset(after_effect=True), method="getUpdates")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert [update.update_id for update in await bot.get_updates()] == [sent.update_id]


async def test_a_random_share_is_the_same_for_the_same_seed(ann: Person) -> None:
    def drawn(seed: int) -> list[str | None]:
        faults = TelegramServer(seed=seed).faults
        faults.share(too_many_requests(), 0.05)
        faults.share(server_error(), 0.02, method="sendMessage")
        return [str(faults.draw("sendMessage")) for _ in range(2000)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 60 <= drawn(1).count("429") <= 140
    assert 20 <= drawn(1).count("502") <= 70


async def test_faults_can_be_ended(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    server.faults.share(connection_reset(), 1.0)
    server.faults.clear()
    assert await bot.send_message(ann.id, "Hello")
    assert server.faults.injected == 0


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, InvalidToken, "Unauthorized"),
        (409, Conflict, "terminated by other getUpdates request"),
        (500, NetworkError, "Internal Server Error"),
    ],
)
async def test_a_fault_of_any_status_has_its_words(
    server: TelegramServer, bot: telegram.Bot, status: int, error: type[TelegramError], words: str
) -> None:
    server.faults.next(Fault(status), method="getUpdates")
    with pytest.raises(error, match=words):
        await bot.get_updates()


async def test_other_requests_go_on_while_one_is_slow(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    server.faults.next(slow(60), method="sendMessage")
    late = asyncio.create_task(bot.send_message(ann.id, "late"))
    await server.changes.until(lambda: server.requests.of("sendMessage"))
    await bot.send_message(ann.id, "early")
    assert [message["text"] for message in server.bot_messages(ann)] == ["early"]
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
