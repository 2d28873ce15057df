"""Signs of life while a reply is made, and the reply in their place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.pacing import Pacer
from adapters.playground.telegram import Fault, Person, TelegramServer
from adapters.telegram import watcher
from adapters.telegram.client import build_bot
from adapters.telegram.pace import Pace
from adapters.telegram.place import Origin, Place
from adapters.telegram.presence import Presence
from adapters.telegram.previews import Previewer
from adapters.telegram.sending import Sending
from bot.messages import Accepted, Delta, Draft, Finished, Turn
from bot.messages import Reply as StoredReply
from bot.protocols import Publish
from bot.streams import LocalStreams
from tests.adapters.telegram.conftest import SECOND
from tests.adapters.telegram.examples import (
    draft,
    opened,
    options,
    running,
    saying,
    until_delivered,
    until_opened,
    until_parked,
)
from tests.spine.examples import Reply

WORDS = "The order is on its way. "


class Slowly:
    """A model that says WORDS again and again until it is stopped."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    async def __call__(self, turn: Turn, publish: Publish) -> Draft:
        said = ""
        while not self.done.is_set():
            publish(WORDS)
            said += WORDS
            await asyncio.sleep(0.02)
        return draft(said.strip())


async def until_shown(server: TelegramServer, condition: Callable[[], object]) -> None:
    await server.changes.until(lambda: bool(condition()))


async def test_typing_is_shown_while_there_are_no_words(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    done = asyncio.Event()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        await done.wait()
        return draft("Here.")

    async with running(sqlite_url, tmp_path, options(server), reply):
        ann.write("Where?")
        [request] = await server.until_requests("sendChatAction")
        done.set()
        await server.until_text(ann, "Here.")
    assert request.parameters["action"] == "typing"


async def test_a_quick_reply_comes_without_signs(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), saying("Here.")) as bot:
        ann.write("Where?")
        await server.until_text(ann, "Here.")
        await until_delivered(bot.store)
    assert not server.requests.of("sendChatAction", "sendMessageDraft")


async def test_who_has_blocked_the_bot_gets_no_second_sign(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "TYPING_SECONDS", SECOND)
    done = asyncio.Event()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        await done.wait()
        return draft("Here.")

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("Where?")
        await server.until_confirmed()
        ann.user.blocked = True
        await server.until_requests("sendChatAction")
        await asyncio.sleep(5 * SECOND)  # there would be more by now
        done.set()
        await until_parked(bot.store)
    refused = [request for request in server.requests.of("sendChatAction") if request.status == 403]
    assert len(refused) == 1


async def test_nobody_types_where_a_person_has_the_conversation(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), saying("Here.")) as bot:
        ann.write("hello")
        await server.until_messages(ann)
        await until_delivered(bot.store)
        [overview] = await bot.store.desk.inbox("all")
        await bot.store.desk.take(overview.conversation.id)
        ann.write("Are you a person?")
        await server.until_confirmed()
        await asyncio.sleep(3 * SECOND)  # signs would have begun by now
        await bot.store.desk.say(overview.conversation.id, "Yes, I am.", "key")
        await server.until_text(ann, "Yes, I am.")
    assert not server.requests.of("sendChatAction")


async def test_in_private_words_are_drafts_until_the_message_comes(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    model = Slowly()
    async with running(database_url, tmp_path, options(server), model) as bot:
        ann.write("Where?")
        await until_shown(server, lambda: len(server.requests.of("sendMessageDraft", done=True)) >= 2)
        first, second = server.requests.of("sendMessageDraft", done=True)[:2]
        model.done.set()
        [message] = await server.until_messages(ann)
        await until_delivered(bot.store)
    assert second.parameters["text"].startswith(first.parameters["text"])
    assert first.parameters["draft_id"] == second.parameters["draft_id"]
    assert second.time - first.time >= SECOND
    assert message["text"].startswith(WORDS)
    assert not server.drafts(ann)
    assert len(server.bot_messages(ann)) == 1


@pytest.mark.parametrize("status", [400, 404])
async def test_a_server_without_drafts_gets_a_message_that_is_edited(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path, status: int
) -> None:
    server.faults.share(Fault(status), 1, method="sendMessageDraft")
    model = Slowly()
    async with running(sqlite_url, tmp_path, options(server), model) as bot:
        ann.write("Where?")
        await server.until_requests("editMessageText")
        model.done.set()
        await until_delivered(bot.store)
        [_, stored] = await bot.store.history.messages("telegram", str(ann.id))
    [message] = server.bot_messages(ann)
    assert message["text"] == stored.text
    assert len(server.requests.of("sendMessageDraft")) == 1
    assert not server.limits.violation_count


async def test_in_a_group_one_message_grows_into_the_reply(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    group, model = server.group("Shop", ann), Slowly()
    async with running(database_url, tmp_path, options(server), model) as bot:
        sent = ann.write("@parley_bot where?", group)
        [opened] = await server.until_messages(group)
        await until_opened(bot.store)
        model.done.set()
        await until_delivered(bot.store)
        [message] = server.bot_messages(group)
        [_, stored] = await bot.store.history.messages("telegram", f"{group.id}/0/{ann.id}")
    assert message["message_id"] == opened["message_id"]
    assert message["reply_to_message"]["message_id"] == sent.message_id
    assert message["text"] == stored.text


async def test_a_long_reply_goes_on_behind_the_message_that_has_grown(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    group, done = server.group("Shop", ann), asyncio.Event()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        publish("word " * 2000)
        await done.wait()
        return draft("word " * 2000)

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("@parley_bot tell me", group)
        [opened] = await server.until_messages(group)
        done.set()
        await until_delivered(bot.store)
    messages = server.bot_messages(group)
    assert messages[0]["message_id"] == opened["message_id"]
    assert sum(message["text"].count("word") for message in messages) == 2000


@pytest.mark.parametrize("kind", ["private", "group"])
async def test_a_stream_that_was_cut_off_by_a_restart_is_completed_in_the_same_message(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path, kind: str
) -> None:
    group = server.group("Shop", ann) if kind == "group" else None
    place = group or ann
    model: Reply = Slowly()
    async with running(database_url, tmp_path, options(server), model, lease_seconds=1) as bot:
        ann.write("@parley_bot where?", group)
        if kind == "group":
            await server.until_messages(place)
            await until_opened(bot.store)
        else:
            await server.until_requests("sendMessageDraft")
    async with running(database_url, tmp_path, options(server), saying("It arrives today."), lease_seconds=1) as bot:
        await server.until_text(place, "It arrives today.")
        await until_delivered(bot.store)
    [message] = server.bot_messages(place)
    assert message["text"] == "It arrives today."


async def test_two_replies_of_one_conversation_do_not_share_a_message(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    group = server.group("Shop", ann)
    begun = asyncio.Event()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        number = turn.messages[-1].text
        publish(f"{number} is being looked up. ")
        begun.set()
        await server.until_text(group, f"{number} is being looked up")
        return draft(f"{number} is found.")

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("@parley_bot one", group)
        await begun.wait()
        ann.write("@parley_bot two", group)
        await server.until_text(group, "two is found.", 15)
        await until_delivered(bot.store)
    assert [message["text"] for message in server.bot_messages(group)] == ["one is found.", "two is found."]
    assert not server.limits.violation_count


async def test_a_reply_that_is_late_does_not_take_the_message_of_the_next_one(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    group, streams = server.group("Shop", ann), LocalStreams()
    place, first, second = Place(group.id, None, ann.id), Origin(1), Origin(2)
    async with opened(sqlite_url, tmp_path, streams) as store, build_bot(options(server)) as bot:
        sending = Sending(bot, Pace(Pacer()))
        presence = Presence(sending, Previewer(sending, store.progress), streams=streams, inbox=store.inbox)
        presence.watch(place, first, Accepted("m_1", "c_1"))
        presence.watch(place, second, Accepted("m_2", "c_1"))
        await asyncio.sleep(0)  # the watcher listens from now on
        streams.publish(Finished("c_1", reply_of("r_1"), ("m_1",)))
        streams.publish(Delta("c_1", "two is being looked up"))
        [message] = await server.until_messages(group)
        assert await presence.settle(place.conversation, "r_1", first) is None
        assert await presence.settle(place.conversation, "r_2", second) == str(message["message_id"])
        streams.publish(Delta("c_1", " and these words are late"))
        assert await presence.settle(place.conversation, "r_2", second) == str(message["message_id"])
        await presence.close()
    assert len(server.bot_messages(group)) == 1


def reply_of(message_id: str) -> StoredReply:
    return StoredReply("c_1", message_id, "Found.", "answer", 1.0, "en")
