"""Photos in the widget: chosen, pasted, dropped, refused; and variations of one from a real bot."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, expect

from bot.sample import write_bot_folder
from tests.adapters.web.conversation import Echo
from tests.adapters.web.site import Serve
from tests.browser.chat import Chat, visitor
from tests.browser.test_pictures import generators, loaded
from tests.browser.test_sample_shop import picture, served

__all__ = ["generators"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def photo(color: str = "teal") -> FilePayload:
    file = BytesIO()
    Image.new("RGB", (400, 300), color).save(file, "PNG")
    return {"name": f"{color}.png", "mimeType": "image/png", "buffer": file.getvalue()}


async def choose(chat: Chat, *photos: FilePayload) -> None:
    await expect(chat.status).to_have_text("Online")
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="Add a photo").click()
    await (await chooser.value).set_files(list(photos))


async def test_variations_of_a_photo_come_from_a_real_bot(
    tmp_path: Path, chromium: Browser, generators: dict[str, str]
) -> None:
    write_bot_folder(tmp_path / "shop")
    async with served(tmp_path / "shop", generators) as url, visitor(chromium, url) as chat:
        await chat.open()
        await choose(chat, photo())
        await chat.input.press("Enter")
        await expect(chat.answers).to_have_count(1)
        assert await loaded(chat.log.locator(".item.user img")) == 400
        await chat.panel.locator(".chip", has_text="Variations").click()
        await expect(chat.answers.nth(1).locator("img")).to_have_count(4)
        await picture(chat, "varied")
        await choose(chat, photo("tomato"))
        varied = await chat.ask("/image")
        assert await loaded(varied.locator("img").first) == 256


async def test_two_photos_go_with_words_and_are_there_after_a_reload(
    serve: Serve, chromium: Browser, echo: Echo
) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await choose(chat, photo(), photo("tomato"), photo("gold"))
        await expect(chat.page.get_by_role("alert")).to_have_text("Up to 2 photos can be sent at once.")
        await chat.ask("look at these")
        await expect(chat.page.get_by_role("button", name="Remove this photo")).to_have_count(0)
        sent = chat.log.locator(".item.user img")
        assert [await loaded(image) for image in await sent.all()] == [400, 400]
        await chat.page.reload()
        await expect(sent).to_have_count(2)
        assert [await loaded(image) for image in await sent.all()] == [400, 400]
        assert len(echo.turns[0].messages[0].attachments) == 2


async def test_a_photo_can_be_pasted_dropped_and_taken_back(serve: Serve, chromium: Browser, echo: Echo) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        content = base64.b64encode(photo()["buffer"]).decode()
        give = """(node, [kind, field, content]) => {
          const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
          const given = new DataTransfer();
          given.items.add(new File([bytes], "a.png", {type: "image/png"}));
          const Kind = kind === "drop" ? DragEvent : ClipboardEvent;
          node.dispatchEvent(new Kind(kind, {[field]: given, bubbles: true, cancelable: true}));
        }"""
        await chat.input.evaluate(give, ["paste", "clipboardData", content])
        await chat.log.evaluate(give, ["drop", "dataTransfer", content])
        remove = chat.page.get_by_role("button", name="Remove this photo")
        await expect(remove).to_have_count(2)
        await remove.first.click()
        await chat.ask("one")
        assert len(echo.turns[0].messages[0].attachments) == 1


async def test_what_cannot_be_sent_is_said_and_the_words_stay(serve: Serve, chromium: Browser) -> None:
    async with serve(attachment_bytes=20_000) as site, visitor(chromium, site.url) as chat:
        await chat.open()
        notice = chat.page.get_by_role("alert")
        await choose(chat, {"name": "a.png", "mimeType": "image/png", "buffer": bytes(20_001)})
        await expect(notice).to_have_text("This photo is too large. Photos of up to 0.02 MB can be sent.")
        await choose(chat, {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
        await expect(notice).to_have_text("Only photos can be sent: PNG, JPEG or WebP.")
        await choose(chat, {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
        await chat.say("what is this?")
        await expect(notice).to_have_text("Only photos can be sent: PNG, JPEG or WebP.")
        await expect(chat.input).to_have_value("what is this?")
        await chat.page.get_by_role("button", name="Remove this photo").click()
        answer = await chat.ask("never mind")
        await expect(answer).to_contain_text("You said: never mind")
