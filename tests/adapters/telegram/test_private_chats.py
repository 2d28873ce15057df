"""Conversations in private chats, from the update to the message that answers it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.markup import plain
from adapters.playground.telegram import Person, TelegramServer
from bot.messages import Attachment, Citation, Draft, Turn
from bot.protocols import Publish
from tests.adapters.telegram.examples import (
    PNG,
    draft,
    echo,
    options,
    ratings,
    running,
    saying,
    until_delivered,
    until_parked,
)

PASSAGE = Citation("p1", "Shipping [EU]", "https://shop.example/shipping", "Orders ship within two days.")


async def test_a_message_is_answered(server: TelegramServer, ann: Person, database_url: str, tmp_path: Path) -> None:
    async with running(database_url, tmp_path, options(server), echo) as bot:
        ann.write("Where is my order?")
        [message] = await server.until_messages(ann)
        await server.until_confirmed()
        assert message["text"] == "Where is my order?"
        [stored, reply] = await bot.store.history.messages("telegram", str(ann.id))
        assert (stored.role, reply.role) == ("user", "assistant")
        assert bot.status.problem is None
    assert not server.limits.violation_count


async def test_messages_are_answered_in_their_order(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    words = [f"message {number}" for number in range(20)]
    for word in words:
        ann.write(word)
    async with running(sqlite_url, tmp_path, options(server), echo, coalesce_seconds=0.1) as bot:
        await server.until_confirmed()
        messages = await bot.store.history.messages("telegram", str(ann.id))
        assert [message.text for message in messages if message.role == "user"] == words
        await server.until_text(ann, words[-1])
        said = " / ".join(message["text"] for message in server.bot_messages(ann))
        assert said == " / ".join(words)


async def test_the_command_menu_is_set_in_every_language(
    server: TelegramServer, sqlite_url: str, tmp_path: Path
) -> None:
    commands = {"ask": {"en": "Ask a question", "de": "Eine Frage stellen"}}
    async with running(sqlite_url, tmp_path, options(server, commands=commands), echo):
        await server.until_polled()
    requests = server.requests.of("setMyCommands", done=True)
    assert [request.parameters.get("language_code") for request in requests] == ["de", None]
    assert "Eine Frage stellen" in str(requests[0].parameters["commands"])


async def test_a_command_with_the_bots_name_comes_as_text(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), echo):
        ann.write("/start shop_42")
        ann.write("/ask@parley_bot What is it?")
        await server.until_text(ann, "What is it?")
    assert [message["text"] for message in server.bot_messages(ann)][-1].endswith("/ask What is it?")


async def test_a_long_reply_comes_in_parts_that_are_the_whole(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    text = "\n\n".join(f"Paragraph {number} 🚚 " + "with **bold** words and more. " * 30 for number in range(12))
    async with running(sqlite_url, tmp_path, options(server), saying(text)):
        ann.write("Tell me all")
        await server.until_text(ann, "Paragraph 11", 20)
    messages = server.bot_messages(ann)
    assert len(messages) > 2
    assert all(len(message["text"].encode("utf-16-le")) <= 2 * 4096 for message in messages)
    assert "".join("".join(message["text"].split()) for message in messages) == "".join(plain(text).split())
    assert all(message["entities"][0]["type"] == "bold" for message in messages)
    assert not server.limits.violation_count


async def test_quick_replies_are_buttons_that_say_them(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async def reply(turn: Turn, publish: Publish) -> Draft:
        text = turn.messages[-1].text
        return draft(f"You said {text}", quick_replies=("Talk to a person", "B" * 80) if text == "hello" else ())

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("hello")
        [message] = await server.until_messages(ann)
        pressed = ann.press(message["message_id"], "Talk to a person")
        await server.until_text(ann, "You said Talk to a person")
        assert ann.callback_answer(pressed) is not None
        stored = await bot.store.history.messages("telegram", str(ann.id))
        assert [each.text for each in stored if each.role == "user"] == ["hello", "Talk to a person"]
    labels = [row[0]["text"] for row in message["reply_markup"]["inline_keyboard"]]
    assert labels == ["Talk to a person", "B" * 59 + "…"]


async def test_the_sources_button_lists_the_sources(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), saying("Within two days.", citations=(PASSAGE,))):
        ann.write("When?")
        [message] = await server.until_messages(ann)
        pressed = ann.press(message["message_id"], "Sources")
        sources = await server.until_text(ann, "Orders ship within two days.")
        assert ann.callback_answer(pressed) is not None
    assert "1. Shipping (EU)" in sources["text"]
    links = [entity["url"] for entity in sources["entities"] if entity["type"] == "text_link"]
    assert links == ["https://shop.example/shipping"]


@pytest.mark.parametrize("data", ["nonsense", "q:m_unknown:0", "q:m_unknown:x"])
async def test_a_button_that_means_nothing_is_answered_all_the_same(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path, data: str
) -> None:
    async with running(sqlite_url, tmp_path, options(server), saying("Hello", quick_replies=("Yes",))):
        ann.write("hello")
        [message] = await server.until_messages(ann)
        server.messages(ann)[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = data
        pressed = ann.press(message["message_id"], data)
        await server.until_requests("answerCallbackQuery")
    answer = ann.callback_answer(pressed)
    assert answer is not None
    assert answer["text"]


async def test_a_picture_is_a_photo_whose_original_can_be_had(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        return draft("Here it is.", attachments=(Attachment("image", await url, "image/png", 1, 1, "cat.png"),))

    async with running(database_url, tmp_path, options(server), reply) as bot:
        url.set_result(await bot.store.files.save(PNG, mime="image/png", name="cat.png"))
        ann.write("/image a cat")
        [text, photo] = await server.until_messages(ann, 2)
        assert (text["text"], "photo" in photo) == ("Here it is.", True)
        ann.press(photo["message_id"], "Get original")
        *_, original = await server.until_messages(ann, 3)
        assert original["document"]["file_name"] == "cat.png"
        assert original["document"]["file_size"] == len(PNG)
    assert not server.limits.violation_count


async def test_a_file_that_is_gone_or_elsewhere_is_said_in_words(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    gone = Attachment("file", "file:f_gone", "text/plain", name="a.txt")
    elsewhere = Attachment("file", "https://shop.example/b.txt", "text/plain", name="b.txt")
    async with running(sqlite_url, tmp_path, options(server), saying("Two files.", attachments=(gone, elsewhere))):
        ann.write("files?")
        messages = await server.until_messages(ann, 3)
    assert messages[1]["text"].startswith("a.txt: ")
    assert messages[2]["text"] == "b.txt https://shop.example/b.txt"


async def test_thumbs_rate_the_reply(server: TelegramServer, ann: Person, database_url: str, tmp_path: Path) -> None:
    long = "word " * 1500
    async with running(database_url, tmp_path, options(server), saying(long)) as bot:
        sent = ann.write("hello")
        [first, last] = await server.until_messages(ann, 2)
        await until_delivered(bot.store)
        ann.react(first["message_id"], "👎")
        await server.until_confirmed()
        assert await ratings(bot.store) == [-1]
        ann.react(last["message_id"], "👍")
        ann.react(sent.message_id, "👎")  # their own message: no reply
        await server.until_confirmed()
        assert await ratings(bot.store) == [1]


async def test_an_edited_message_takes_the_place_of_one_that_is_not_answered_yet(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    sent = ann.write("Where is my odrer?")
    ann.edit(sent.message_id, "Where is my order?")
    async with running(sqlite_url, tmp_path, options(server), echo, coalesce_seconds=0.2):
        [message] = await server.until_messages(ann)
    assert message["text"] == "Where is my order?"


async def test_someone_who_has_blocked_the_bot_is_left_alone_until_they_write_again(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    go = asyncio.Event()

    async def reply(turn: Turn, publish: Publish) -> Draft:
        await go.wait()
        return await echo(turn, publish)

    async with running(database_url, tmp_path, options(server), reply) as bot:
        ann.write("one")
        await server.until_confirmed()
        ann.block()
        await server.until_confirmed()
        go.set()
        await until_parked(bot.store)
        tries = len(server.requests.of("sendMessage"))
        ann.unblock()
        ann.write("two")
        await server.until_text(ann, "two")
    assert tries <= 1
    assert [message["text"] for message in server.bot_messages(ann)] == ["two"]


async def test_a_block_that_was_not_told_is_learnt_from_the_refusal(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async def reply(turn: Turn, publish: Publish) -> Draft:
        ann.user.blocked = True
        return await echo(turn, publish)

    async with running(sqlite_url, tmp_path, options(server), reply) as bot:
        ann.write("one")
        await until_parked(bot.store)
    assert len(server.requests.of("sendMessage")) == 1
