"""Photos of the widget's visitors: sent over HTTP, shown by a message, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image
from sqlalchemy import text

from tests.adapters.web.conversation import Echo
from tests.adapters.web.site import Serve, Site
from tests.adapters.web.widget import Widget, visit

MIMES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def photo(kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, kind)
    return file.getvalue()


async def post(site: Site, token: str, content: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    """What the server says to a photo: the status and the answer, of an error what is in it."""
    headers = {"Authorization": f"Bearer {token}", **headers}
    async with site.http.post("/photos", data=content, headers=headers) as answer:
        body = await answer.json()
        return answer.status, body.get("error", body)


async def show(widget: Widget, *photos: str, words: str = "", message_id: str = "message-1") -> dict[str, Any]:
    """Sends a message with photos; the acknowledgement, or the error."""
    await widget.send("message", id=message_id, text=words, photos=photos)
    while (event := await widget.next())["type"] not in ("ack", "error"):
        pass
    return event


async def stored(site: Site, table: str) -> int:
    query = text(f"SELECT count(*) FROM {table}")
    return int(await site.store.database.read(lambda connection: connection.execute(query).scalar_one()))


@pytest.mark.parametrize("kind", MIMES)
async def test_a_photo_is_shown_to_its_sender_and_known_to_the_bot(site: Site, echo: Echo, kind: str) -> None:
    async with visit(site) as widget:
        status, kept = await post(site, widget.token, photo(kind))
        assert (status, kept["mime"], kept["width"], kept["height"]) == (200, MIMES[kind], 40, 30)
        assert (await show(widget, kept["photo"]))["type"] == "ack"
        await widget.reply()
        (attachment,) = echo.turns[0].messages[0].attachments
        assert attachment.url.startswith("file:")
        assert attachment.mime == MIMES[kind]
        async with visit(site, widget.token) as reloaded:
            said = reloaded.events[1]["messages"][0]
        assert said["attachments"][0]["url"] == kept["url"]
        async with site.http.get(kept["url"]) as answer:
            assert (answer.content_type, await answer.read()) == (MIMES[kind], photo(kind))


async def test_two_photos_go_with_one_message_and_a_third_does_not(site: Site, echo: Echo) -> None:
    async with visit(site) as widget:
        tokens = [(await post(site, widget.token, photo()))[1]["photo"] for _ in range(3)]
        assert (await show(widget, *tokens))["code"] == "invalid_request"
        await show(widget, *tokens[:2], words="blend")
        await widget.reply()
        assert len(echo.turns[0].messages[0].attachments) == 2


async def test_the_same_message_again_stores_nothing_twice(site: Site) -> None:
    async with visit(site) as widget:
        _, kept = await post(site, widget.token, photo())
        first = await show(widget, kept["photo"], words="look")
        assert (await show(widget, kept["photo"], words="look"))["message_id"] == first["message_id"]
        await widget.reply()
        query = "messages WHERE role = 'user'"
        assert (await stored(site, "files"), await stored(site, query)) == (1, 1)


async def test_another_visitor_can_neither_send_nor_see_it(site: Site) -> None:
    async with visit(site) as ann, visit(site) as ben:
        _, kept = await post(site, ann.token, photo())
        await show(ann, kept["photo"])
        await ann.reply()
        for token in (kept["photo"], kept["url"].rpartition("/")[2], ben.token, "file:f_1", ""):
            assert (await show(ben, token))["code"] == "photo_unknown"
        await ben.send("ping")
        await ben.until("pong")
        assert kept["url"] not in str(ben.events)
        async with site.http.get(f"/files/{kept['photo']}") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("content", [b"", b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(99)])
async def test_what_is_no_photo_is_refused_whatever_it_says_it_is(site: Site, content: bytes) -> None:
    async with visit(site) as widget:
        status, error = await post(site, widget.token, content, **{"Content-Type": "image/png"})
    assert (status, error["code"]) == (415, "photo_type")
    assert await stored(site, "files") == 0


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield bytes(10_000)


async def test_a_photo_beyond_the_limit_is_refused_with_and_without_its_length(serve: Serve) -> None:
    async with serve(attachment_bytes=50_000) as site, visit(site) as widget:
        for content in (bytes(50_001), chunks(8)):
            status, error = await post(site, widget.token, content)
            assert (status, error["code"]) == (413, "photo_too_large")
            assert "0.05 MB" in error["message"]
        assert (await post(site, widget.token, photo() + bytes(50_000 - len(photo()))))[0] == 200


async def test_a_photo_may_be_larger_than_other_bodies(serve: Serve) -> None:
    async with serve(body_bytes=1000) as site, visit(site) as widget:
        assert (await post(site, widget.token, photo() + bytes(5000)))[0] == 200


@pytest.mark.parametrize("token", ["", "guessed", "null"])
async def test_who_is_no_visitor_sends_no_photo(site: Site, token: str) -> None:
    status, error = await post(site, token, photo())
    assert (status, error["code"]) == (401, "unauthorized")


async def test_a_visitor_sends_as_many_photos_a_minute_as_messages(serve: Serve) -> None:
    async with serve(messages_per_minute=2) as site, visit(site) as ann, visit(site) as ben:
        answers = [await post(site, ann.token, photo()) for _ in range(3)]
        assert [status for status, _ in answers] == [200, 200, 429]
        assert (await post(site, ben.token, photo()))[0] == 200


async def test_only_pages_that_may_talk_to_the_server_may_send_photos(serve: Serve) -> None:
    shop = {"Origin": "https://shop.example"}
    async with serve(allowed_origins=(shop["Origin"],), api_keys=("key",)) as site, visit(site) as widget:
        preflight = {**shop, "Access-Control-Request-Method": "POST"}
        async with site.http.options("/photos", headers=preflight) as answer:
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, shop["Origin"])
        assert (await post(site, widget.token, photo(), **shop))[0] == 200
        status, error = await post(site, widget.token, photo(), Origin="https://evil.example")
        assert (status, error["code"]) == (403, "origin_refused")


async def test_a_message_without_words_and_photos_is_still_empty(site: Site) -> None:
    async with visit(site) as widget:
        assert (await show(widget))["code"] == "empty_message"


async def test_a_photo_that_breaks_off_is_not_kept(site: Site) -> None:
    async with visit(site) as widget:
        headers = {"Authorization": f"Bearer {widget.token}", "Content-Length": "5000"}
        with pytest.raises(aiohttp.ClientError):
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(1)) as http:
                await http.post(f"{site.url}/photos", data=broken(), headers=headers)
        assert (await post(site, widget.token, photo()))[0] == 200
    assert await stored(site, "files") == 1


async def broken() -> AsyncIterator[bytes]:
    yield photo()
    raise OSError("the line is cut")
