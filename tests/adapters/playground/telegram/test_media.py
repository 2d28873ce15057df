"""Pictures, files and albums from the bot, and the limits of their sizes."""

from __future__ import annotations

import struct
import zlib

import pytest
import telegram
from telegram import InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest, InvalidToken, NetworkError

from adapters.playground.telegram import ApiError, Person, Sizes, TelegramServer


def png(width: int, height: int, extra: int = 0) -> bytes:
    """A picture whose file is padded by `extra` bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"") + b"\0" * extra


async def test_a_picture_arrives_with_its_caption(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    sent = await bot.send_photo(ann.id, png(8, 5), caption="<i>A cat</i>", parse_mode="HTML")
    assert (sent.photo[-1].width, sent.photo[-1].height, sent.caption) == (8, 5, "A cat")
    file = await bot.get_file(sent.photo[-1].file_id)
    assert await file.download_as_bytearray() == png(8, 5)
    again = await bot.send_photo(ann.id, sent.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
    edited = await bot.edit_message_caption(ann.id, sent.message_id, caption="A dog")
    assert isinstance(edited, telegram.Message)
    assert edited.caption == "A dog"


async def test_captions_have_1024_units_at_most(bot: telegram.Bot, ann: Person) -> None:
    assert await bot.send_document(ann.id, b"file", caption="🙂" * 512)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_document(ann.id, b"file", caption="🙂" * 513)


async def test_texts_and_captions_are_not_mixed_up(bot: telegram.Bot, ann: Person) -> None:
    text, document = await bot.send_message(ann.id, "Hello"), await bot.send_document(ann.id, b"file")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("Bye", ann.id, document.message_id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(ann.id, text.message_id, caption="Bye")


async def test_an_album_shares_its_group(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    media = [InputMediaPhoto(png(4, 4), caption="One"), InputMediaPhoto(png(5, 5))]
    sent = await bot.send_media_group(ann.id, media)
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["One", None]
    assert len(server.bot_messages(ann)) == 2


async def test_albums_have_2_to_10_of_one_kind(bot: telegram.Bot, ann: Person) -> None:
    with pytest.raises(BadRequest, match="from 2 to 10"):
        await bot.send_media_group(ann.id, [InputMediaPhoto(png(4, 4))])
    with pytest.raises(BadRequest, match="can't be mixed"):
        await bot.send_media_group(ann.id, [InputMediaPhoto(png(4, 4)), InputMediaDocument(b"file")])


async def test_a_voice_message_arrives(bot: telegram.Bot, ann: Person) -> None:
    sent = await bot.send_voice(ann.id, b"OggS", duration=3)
    assert sent.voice is not None
    assert sent.voice.mime_type == "audio/ogg"


@pytest.mark.parametrize(
    ("picture", "refusal"),
    [
        (b"no picture", "Image_process_failed"),
        (png(9000, 2000), "Photo_invalid_dimensions"),
        (png(100, 4), "Photo_invalid_dimensions"),
        (png(4, 4, extra=10 << 20), "too big for a photo"),
    ],
)
async def test_bad_photos_are_refused(bot: telegram.Bot, ann: Person, picture: bytes, refusal: str) -> None:
    with pytest.raises(BadRequest, match=refusal):
        await bot.send_photo(ann.id, picture)


async def test_files_over_20_mb_cannot_be_fetched(bot: telegram.Bot, ann: Person) -> None:
    sent = ann.file(b"\0" * ((20 << 20) + 1), "film.mkv")
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(sent.message["document"]["file_id"])


async def test_uploads_over_50_mb_are_refused(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_document(ann.id, b"\0" * (50 << 20))
    assert server.requests.counts["sendDocument", 413] == 1


async def test_unknown_files_are_refused(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    with pytest.raises(BadRequest, match="Wrong file_id"):
        await bot.get_file("nothing")
    document = (await bot.send_document(ann.id, b"file")).document
    assert document is not None
    with pytest.raises(BadRequest, match="type document as photo"):
        await bot.send_photo(ann.id, document.file_id)
    with pytest.raises(InvalidToken, match="Not Found"):
        await bot.request.retrieve(f"{server.url}/file/bot{server.token}/documents/none.txt")


async def test_old_files_make_room() -> None:
    server = TelegramServer(sizes=Sizes(file_bytes=1000))
    ann = server.person("Ann")
    sent = [ann.file(b"x" * 400, f"{number}.txt") for number in range(3)]
    ids = [one.message["document"]["file_id"] for one in sent]
    with pytest.raises(ApiError, match="wrong file_id"):
        server.world.files.by_id(ids[0])
    assert [server.world.files.by_id(file_id).name for file_id in ids[1:]] == ["1.txt", "2.txt"]
