"""The widget for everybody: by keyboard, on a phone, in the dark, in Chinese, on somebody else's page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Locator, expect

from tests.adapters.web.conversation import QUOTE, RETURNS
from tests.adapters.web.site import Serve
from tests.browser.chat import Chat, visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}

CONTRAST = """
node => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const text = luminance(rgba(getComputedStyle(node).color));
  let behind = node;
  while (rgba(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement ?? document.body;
  const ground = luminance(rgba(getComputedStyle(behind).backgroundColor));
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
}
"""


async def test_the_keyboard_alone_is_enough(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        keyboard = chat.page.keyboard
        await chat.launcher.focus()
        await keyboard.press("Enter")
        await expect(chat.input).to_be_focused()
        await keyboard.type("Can I")
        await keyboard.press("Shift+Enter")
        await keyboard.type("return it?")
        await keyboard.press("Enter")
        await expect(chat.answers).to_have_count(1)
        await expect(chat.input).to_be_focused()
        await expect(chat.input).to_have_value("")
        assert (await chat.texts())[0] == "Can I\nreturn it?"
        citation = chat.panel.get_by_role("button", name=RETURNS.title)
        await tab_to(chat, citation)
        await keyboard.press("Enter")
        await expect(chat.page.get_by_role("dialog", name="Source")).to_be_visible()
        await keyboard.press("Escape")
        await expect(citation).to_be_focused()
        await tab_to(chat, chat.panel.get_by_role("button", name="This was helpful"))
        await keyboard.press("Space")
        await expect(chat.panel).to_contain_text("Thank you")
        await keyboard.press("Escape")
        await expect(chat.panel).to_be_hidden()
        await expect(chat.launcher).to_be_focused()


async def tab_to(chat: Chat, target: Locator) -> None:
    """Presses Tab until the target has the focus; whatever has it on the way must show it."""
    for _ in range(40):
        await chat.page.keyboard.press("Tab")
        if await target.evaluate("node => node.getRootNode().activeElement === node"):
            assert await target.evaluate("node => getComputedStyle(node).outlineStyle") != "none"
            return
    raise AssertionError(f"{target} cannot be reached with Tab")


async def test_enter_that_ends_a_word_of_an_input_method_does_not_send(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await chat.input.fill("怎么退")
        await chat.input.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
        await expect(chat.input).to_have_value("怎么退")
        await expect(chat.log.locator(".item")).to_have_count(0)


async def test_a_screen_reader_finds_names_and_roles(serve: Serve, chromium: Browser) -> None:
    async with serve(bot_name="Larkfell") as site, visitor(chromium, site.url) as chat:
        await expect(chat.page.get_by_role("button", name="Open chat")).to_be_visible()
        await chat.open()
        await chat.ask("Can I return it?")
        panel = chat.page.get_by_role("dialog", name="Larkfell")
        await expect(panel.get_by_role("log", name="Conversation")).to_be_visible()
        await expect(panel.get_by_role("textbox", name="Write a message")).to_be_visible()
        await expect(panel.get_by_role("list", name="Sources").get_by_role("button")).to_have_count(1)
        unnamed = await panel.get_by_role("button").evaluate_all(
            "nodes => nodes.filter(node => !(node.getAttribute('aria-label') || node.textContent.trim())).length"
        )
        assert unnamed == 0
        assert await chat.launcher.get_attribute("aria-expanded") == "true"


async def test_on_a_phone_nothing_runs_over_the_edge(serve: Serve, chromium: Browser) -> None:
    serving = serve(suggestions=("A rather long suggestion about shipping abroad",))
    async with serving as site, visitor(chromium, site.url, **PHONE) as chat:
        assert await page_overflow(chat) == 0
        await chat.open()
        await chat.ask("Can I return " + "it" * 200 + "?")
        box = await chat.panel.bounding_box()
        assert box == {"x": 0, "y": 0, "width": 360, "height": 640}
        assert await page_overflow(chat) == 0
        assert await chat.log.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
        assert await widest(chat) <= 360
        await chat.panel.get_by_role("button", name=RETURNS.title).click()
        await expect(chat.page.locator("mark")).to_have_text(QUOTE)
        assert await widest(chat) <= 360


async def page_overflow(chat: Chat) -> int:
    return int(await chat.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


async def widest(chat: Chat) -> float:
    """Where the rightmost thing in the panel ends, once everything has come to rest."""
    rest = "panel => Promise.all(panel.getAnimations({subtree: true}).map(animation => animation.finished))"
    await chat.panel.evaluate(rest)
    return float(
        await chat.panel.evaluate(
            "panel => Math.max(...[...panel.querySelectorAll('*')].map(node => node.getBoundingClientRect().right))"
        )
    )


async def test_on_a_phone_the_focus_stays_in_the_panel(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url, **PHONE) as chat:
        await chat.open()
        for _ in range(12):
            await chat.page.keyboard.press("Tab")
            assert await chat.page.evaluate("document.activeElement.localName") == "parley-chat"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read_in_light_and_dark(serve: Serve, chromium: Browser, scheme: Any) -> None:
    async with serve(suggestions=("Shipping?",)) as site, visitor(chromium, site.url, color_scheme=scheme) as chat:
        await chat.open()
        await expect(chat.panel.locator(".chip")).to_be_visible()
        assert await chat.panel.locator(".chip").evaluate(CONTRAST) >= 4.5
        await chat.ask("Can I return it?")
        for part in (".user .bubble", ".bot .bubble", ".citation span", ".note", "h1", ".status", "textarea"):
            assert await chat.panel.locator(part).first.evaluate(CONTRAST) >= 4.5, part
        ground = await chat.panel.evaluate("node => getComputedStyle(node).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is (scheme == "light")


async def test_a_chinese_browser_reads_chinese(serve: Serve, chromium: Browser) -> None:
    async with serve(bot_name="Larkfell") as site, visitor(chromium, site.url, locale="zh-CN") as chat:
        await chat.page.get_by_role("button", name="打开聊天").click()
        await expect(chat.status).to_have_text("在线")
        await expect(chat.panel).to_contain_text("您好，这里是 Larkfell。")
        await chat.ask("怎么退货？")
        await chat.panel.get_by_role("button", name="转人工客服").click()
        await expect(chat.answers.last).to_contain_text("我想找人工客服。")


@asynccontextmanager
async def foreign_page(server: str, attributes: str) -> AsyncIterator[str]:
    """A page of another origin with the one script tag; its address."""
    html = f'<!doctype html><h1>Another shop</h1><script src="{server}/widget.js" data-parley {attributes}></script>'

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_one_script_tag_puts_it_on_any_allowed_page(serve: Serve, chromium: Browser) -> None:
    async with (
        serve(allowed_origins=("*",)) as site,
        foreign_page(site.url, 'data-color="#ffd54a" data-title="Ask Ada"') as page,
        visitor(chromium, page) as chat,
    ):
        await chat.open()
        await chat.ask("Can I return it?")
        await expect(chat.page.get_by_role("dialog", name="Ask Ada")).to_be_visible()
        color = "getComputedStyle(node).color"
        background = "getComputedStyle(node).backgroundColor"
        assert await chat.launcher.evaluate(f"node => {background}") == "rgb(255, 213, 74)"
        assert await chat.launcher.evaluate(f"node => {color}") == "rgb(22, 24, 29)"
        assert await chat.panel.locator("header").evaluate(CONTRAST) >= 4.5


async def test_a_page_that_is_not_allowed_gets_no_conversation(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, foreign_page(site.url, "") as page, visitor(chromium, page) as chat:
        await chat.open()
        await expect(chat.status).to_have_text("No connection, trying again…")
