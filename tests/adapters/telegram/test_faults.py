"""A platform that is slow, away, or says no: nothing is lost, nothing is hammered, and it is said in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.markup import Entity, TelegramPart
from adapters.playground.telegram import (
    Fault,
    Person,
    TelegramServer,
    connection_reset,
    server_error,
    too_many_requests,
)
from adapters.telegram import delivery, examine
from adapters.telegram.client import build_bot
from bot.messages import Draft, Turn
from bot.protocols import Publish
from bot.supervisor import Status
from storage import Store
from tests.adapters.telegram.examples import draft, echo, options, running, saying, until_delivered

LONG = "word " * 2000
"""Three messages."""


async def until_problem(status: Status, condition: Callable[[str | None], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition(status.problem):  # noqa: ASYNC110 a status tells nobody
            await asyncio.sleep(0.02)


async def user_texts(store: Store, person: Person) -> list[str]:
    messages = await store.history.messages("telegram", str(person.id))
    return [message.text for message in messages if message.role == "user"]


async def test_a_429_is_obeyed_and_not_held_against_the_delivery(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    server.faults.next(too_many_requests(1), method="sendMessage")
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        ann.write("hello")
        await server.until_messages(ann)
        await until_delivered(bot.store)
    refused, sent = server.requests.of("sendMessage")
    assert sent.time - refused.time >= 1
    assert not server.limits.violation_count


async def test_a_429_in_the_middle_of_a_long_reply_repeats_no_part(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    async def reply(turn: Turn, publish: Publish) -> Draft:
        server.faults.next(Fault(), method="sendMessage")
        server.faults.next(too_many_requests(1), method="sendMessage")
        return draft(LONG)

    async with running(database_url, tmp_path, options(server), reply) as bot:
        ann.write("tell me")
        await server.until_messages(ann, 3)
        await until_delivered(bot.store)
    assert sum(message["text"].count("word") for message in server.bot_messages(ann)) == 2000
    assert len(server.requests.of("sendMessage", done=True)) == 3


@pytest.mark.parametrize("fault", [server_error(500), server_error(502), connection_reset()])
async def test_an_error_on_the_way_is_tried_again(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path, fault: Fault
) -> None:
    server.faults.next(fault, method="sendMessage", times=2)
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        ann.write("hello")
        await until_delivered(bot.store)
        await server.until_messages(ann)
    assert len(server.bot_messages(ann)) == 1


async def test_a_lost_answer_may_double_one_part_and_loses_none(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async def reply(turn: Turn, publish: Publish) -> Draft:
        server.faults.next(Fault(), method="sendMessage")
        server.faults.next(connection_reset(after_effect=True), method="sendMessage")
        return draft(LONG)

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("tell me")
        await server.until_messages(ann, 4)
        await until_delivered(bot.store)
    texts = [message["text"] for message in server.bot_messages(ann)]
    assert texts[1] == texts[2]
    assert sum(text.count("word") for text in dict.fromkeys(texts)) >= 1000
    assert len(texts) == 4


async def test_a_lost_answer_to_an_edit_doubles_nothing(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    group = server.group("Shop", ann)

    async def reply(turn: Turn, publish: Publish) -> Draft:
        publish("It is being looked up")
        await server.until_messages(group)
        server.faults.next(connection_reset(after_effect=True), method="editMessageText")
        return draft("It is found.")

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("@parley_bot where?", group)
        await server.until_text(group, "It is found.")
        await until_delivered(bot.store)
    assert len(server.bot_messages(group)) == 1


async def test_formatting_that_is_rejected_is_left_out(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beyond = (Entity("bold", 0, 999),)  # the platform refuses an entity that reaches beyond the text
    monkeypatch.setattr(delivery, "telegram_parts", lambda text: [TelegramPart(text, beyond)])
    async with running(sqlite_url, tmp_path, options(server), saying("It is on its way.")) as bot:
        ann.write("hello")
        [message] = await server.until_messages(ann)
        await until_delivered(bot.store)
    assert message["text"] == "It is on its way."
    assert "entities" not in message
    assert [request.status for request in server.requests.of("sendMessage")] == [400, 200]


async def test_updates_that_come_again_are_answered_once(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    server.faults.share(connection_reset(after_effect=True), 0.5, method="getUpdates")
    async with running(database_url, tmp_path, options(server), echo) as bot:
        for number in range(6):
            ann.write(f"message {number}")
        await server.until_confirmed(30)
        server.faults.clear()
        await until_delivered(bot.store)
        assert await user_texts(bot.store, ann) == [f"message {number}" for number in range(6)]
    said = " / ".join(message["text"] for message in server.bot_messages(ann))
    assert said == " / ".join(f"message {number}" for number in range(6))


async def test_a_confirmed_update_that_is_given_once_more_changes_nothing(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), saying("Well?", quick_replies=("Yes",))) as bot:
        sent = ann.write("hello")
        [message] = await server.until_messages(ann)
        pressed = ann.press(message["message_id"], "Yes")
        await server.until_messages(ann, 2)
        for update_id in (sent.update_id, pressed.update_id, sent.update_id):
            server.updates.redeliver(update_id)
        await server.until_confirmed()
        ann.write("goodbye")
        await server.until_messages(ann, 3)
        await until_delivered(bot.store)
        assert await user_texts(bot.store, ann) == ["hello", "Yes", "goodbye"]
    assert len(server.bot_messages(ann)) == 3


async def test_a_full_queue_leaves_updates_at_telegram_in_their_order(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    words = [f"message {number}" for number in range(5)]
    async with running(sqlite_url, tmp_path, options(server), echo, queue_limit=2, coalesce_seconds=0.05) as bot:
        for word in words:
            ann.write(word)
        await server.until_confirmed(30)
        assert await user_texts(bot.store, ann) == words


async def test_a_server_that_is_away_is_said_and_found_again(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        await server.until_polled()
        await server.stop()
        await until_problem(bot.status, lambda problem: "cannot be reached" in (problem or ""))
        await server.start()
        ann.write("hello")
        await server.until_messages(ann)
        await until_problem(bot.status, lambda problem: problem is None)


async def test_a_server_that_is_away_at_the_start_is_waited_for(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    ann.write("hello")
    await server.stop()
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        await until_problem(bot.status, lambda problem: "cannot be reached" in (problem or ""))
        await server.start()
        await server.until_messages(ann)


async def test_a_server_that_knows_only_the_most_needed_methods_will_do(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    for method in ("deleteWebhook", "getWebhookInfo", "setMyCommands", "sendChatAction", "sendMessageDraft"):
        server.faults.share(Fault(404), 1, method=method)
    commands = {"help": {"en": "See what I can do"}}
    async with running(sqlite_url, tmp_path, options(server, commands=commands), echo):
        ann.write("hello")
        await server.until_text(ann, "hello")
    assert await examine(options(server))


async def test_a_refused_token_is_said_in_words_without_the_token(
    server: TelegramServer, sqlite_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = "123:wrong-token-of-nobody"
    async with running(sqlite_url, tmp_path, options(server, token=wrong), echo) as bot:
        await until_problem(bot.status, lambda problem: "refuses the bot's token" in (problem or ""))
    written = capfd.readouterr()
    assert wrong not in written.out + written.err


async def test_a_token_that_is_revoked_later_is_said_too_and_deliveries_wait(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    go = asyncio.Event()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        await go.wait()
        return await echo(turn, publish)

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("hello")
        await server.until_confirmed()
        server.token = "1:new"
        server.updates.end_poll("terminated")
        await until_problem(bot.status, lambda problem: "refuses the bot's token" in (problem or ""))
        go.set()
        await bot.store.outbox.wait("telegram", 1)
        counts = await bot.store.history.counts()
        assert not counts.parked_deliveries


async def test_a_second_poller_is_said_in_words(server: TelegramServer, sqlite_url: str, tmp_path: Path) -> None:
    async with build_bot(options(server)) as other, running(sqlite_url, tmp_path, options(server), echo) as bot:
        await server.changes.until(lambda: len(server.requests.of("getUpdates")) == 2)
        polling = asyncio.create_task(other.get_updates(timeout=5))
        await until_problem(bot.status, lambda problem: "Another program is taking" in (problem or ""))
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def test_malformed_updates_are_passed_over(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        for update in (
            {"message": {"message_id": "x"}},
            {"message": 5},
            {"from_the_future": {"a": 1}},
            {"message": None},
        ):
            server.updates.inject(dict(update))
        ann.write("hello")
        await server.until_messages(ann)
        await server.until_confirmed()
        assert await user_texts(bot.store, ann) == ["hello"]
