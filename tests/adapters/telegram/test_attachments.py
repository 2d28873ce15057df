"""Files that customers send: kept where they can be, named where they cannot."""

from __future__ import annotations

import contextlib
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.playground.telegram import Person, TelegramServer, connection_reset, server_error, slow
from adapters.telegram.attachments import Attachments
from adapters.telegram.client import build_bot
from adapters.telegram.events import RemoteFile
from adapters.telegram.options import TelegramOptions
from bot.messages import Message
from bot.phrases import Phrases
from bot.streams import LocalStreams
from storage import Store
from tests.adapters.telegram.examples import PNG, echo, opened, options, running


async def said(store: Store, person: Person) -> list[Message]:
    messages = await store.history.messages("telegram", str(person.id))
    return [message for message in messages if message.role == "user"]


async def test_a_photo_with_its_caption_is_kept(
    server: TelegramServer, ann: Person, database_url: str, tmp_path: Path
) -> None:
    async with running(database_url, tmp_path, options(server), echo) as bot:
        ann.photo(PNG, "This is broken")
        await server.until_confirmed()
        [message] = await said(bot.store, ann)
        [attachment] = message.attachments
        stored = await bot.store.files.load(attachment.url)
    assert (message.text, attachment.kind, attachment.size) == ("This is broken", "image", len(PNG))
    assert (stored.content, stored.mime) == (PNG, "image/jpeg")


async def test_voice_and_documents_are_kept_with_type_and_name(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        ann.voice(b"hello hello", 2)
        ann.file(b"%PDF", "bill.pdf", "application/pdf", "My bill")
        await server.until_confirmed()
        voice, document = [message.attachments[0] for message in await said(bot.store, ann)]
        assert (await bot.store.files.load(voice.url)).content == b"hello hello"
    assert (voice.kind, voice.mime) == ("voice", "audio/ogg")
    assert (document.kind, document.mime, document.name) == ("file", "application/pdf", "bill.pdf")


async def test_an_album_is_one_turn(server: TelegramServer, ann: Person, database_url: str, tmp_path: Path) -> None:
    server.faults.next(slow(0.7), method="getFile")  # the first picture comes later than the others
    ann.album([PNG + b"1", PNG + b"2", PNG + b"3"], "Which of these?")
    async with running(database_url, tmp_path, options(server), echo) as bot:
        [message] = await server.until_messages(ann)
        assert message["text"].startswith("Which of these?")
        names = [(await bot.store.files.load(each.attachments[0].url)).content for each in await said(bot.store, ann)]
    assert names == [PNG + b"1", PNG + b"2", PNG + b"3"]
    assert len(server.bot_messages(ann)) == 1


async def test_a_file_over_the_limit_is_named_and_never_fetched(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server, attachment_bytes=1_500_000), echo) as bot:
        ann.file(b"x" * 1_500_001, "film.mov", caption="Look at this")
        await server.until_confirmed()
        [message] = await said(bot.store, ann)
    assert message.text == "Look at this\n(film.mov was not received: it is larger than 1.5 MB)"
    assert not message.attachments
    assert not server.requests.of("getFile")


async def test_a_body_without_an_end_is_cut_off(sqlite_url: str, tmp_path: Path) -> None:
    async def get_file(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"file_id": "f", "file_unique_id": "u", "file_path": "x"}})

    async def download(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(bytes(1000))
        return response

    application = web.Application()
    application.add_routes([web.post("/bot1:t/getFile", get_file), web.get("/file/bot1:t/x", download)])
    async with TestServer(application) as careless, opened(sqlite_url, tmp_path, LocalStreams()) as store:
        bot = build_bot(TelegramOptions("1:t", base_url=str(careless.make_url("/"))))
        attachments = Attachments(bot, store.files, Phrases(), 100_000)
        fetched = await attachments.fetch([RemoteFile("file", "f", "endless.bin", "text/plain")], "en")
        await attachments.close()
    assert fetched.notes == ("(endless.bin was not received: it is larger than 0.1 MB)",)


async def test_a_file_that_does_not_come_is_tried_again_and_then_named(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        server.faults.next(server_error(), method="getFile")
        ann.file(b"content", "first.txt")
        await server.until_confirmed()
        server.faults.next(connection_reset(), method="getFile", times=3)
        ann.file(b"content", "second.txt")
        await server.until_confirmed()
        first, second = await said(bot.store, ann)
    assert (first.text, len(first.attachments)) == ("", 1)
    assert (second.text, second.attachments) == ("(second.txt could not be received)", ())


async def test_a_slow_file_holds_up_nobody_else(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    bob = server.person("Bob")
    server.faults.next(slow(3), method="getFile")
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        ann.photo(PNG, "first")
        ann.write("second")
        bob.write("hello")
        await server.until_text(bob, "hello", 2)
        bob.write("and again")  # comes while the file is still on its way
        await server.until_text(bob, "and again", 3)
        assert not server.bot_messages(ann)
        await server.until_confirmed()
        assert [message.text for message in await said(bot.store, ann)] == ["first", "second"]


async def test_what_was_being_fetched_at_a_restart_comes_again(
    server: TelegramServer, ann: Person, sqlite_url: str, tmp_path: Path
) -> None:
    server.faults.next(slow(30), method="getFile")
    async with running(sqlite_url, tmp_path, options(server), echo):
        ann.photo(PNG, "Is this yours?")
        await server.changes.until(lambda: server.requests.of("getFile"))
    async with running(sqlite_url, tmp_path, options(server), echo) as bot:
        await server.until_text(ann, "Is this yours?")
        [message] = await said(bot.store, ann)
        assert len(message.attachments) == 1
