"""Both sides at once: a customer in the widget, an operator in the console, in a real browser."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from prometheus_client import CollectorRegistry

from adapters.console import PREFIX, ConsoleOptions, console_app
from adapters.web import WebOptions, WebServer
from bot.console_password import PasswordAccounts, renew_password
from bot.messages import Attachment, Citation, Draft, Incoming
from bot.streams import LocalStreams
from storage import Store

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECRET = b"s" * 32
ATTACK = "<img src=x onerror=\"document.title='owned'\"> 你好"

RED = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
"""A picture of one pixel."""


@dataclass(frozen=True)
class Shop:
    """A web server with the console beside it."""

    url: str
    store: Store
    password: str

    async def bot_says(self, text: str, **more: object) -> None:
        """The bot's reply to what waits; routes and states as given."""
        turn = await self.store.turns.claim("worker")
        while turn is None:
            await self.store.turns.wait(5)
            turn = await self.store.turns.claim("worker")
        values: dict[str, object] = {"route": "chat", "confidence": 0.9, "language": "en", **more}
        await self.store.turns.commit(turn, Draft(text, **values))  # type: ignore[arg-type]

    async def tells_the_team(self) -> None:
        await self.bot_says("I have let the team know.", route="handoff", state="waiting")


@pytest_asyncio.fixture(loop_scope="session")
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    streams = LocalStreams()
    store = await Store.open(sqlite_url, streams, coalesce_seconds=0, files=tmp_path / "files")
    password = await renew_password(store.operators)
    accounts = PasswordAccounts(store.operators)
    console = console_app(ConsoleOptions(check_seconds=0.1), store.desk, accounts, streams, store.files, SECRET)
    server = WebServer(
        WebOptions(port=0, drain_seconds=1),
        inbox=store.inbox,
        history=store.history,
        streams=streams,
        passages=store.knowledge,
        files=store.files,
        secret=SECRET,
        readiness=_ready,
        registry=CollectorRegistry(),
        mounts={PREFIX: console},
    )
    await server.start()
    yield Shop(server.url, store, password)
    await server.stop()
    await store.close()


async def _ready() -> dict[str, str | bool]:
    return {}


@asynccontextmanager
async def window(browser: Browser, **options: object) -> AsyncIterator[Page]:
    """A page with cookies of its own, on which no script may fail."""
    context = await browser.new_context(**options)  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(20_000)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if line.type == "error" else None)
    yield page
    await context.close()
    assert failures == []


async def log_in(page: Page, shop: Shop) -> None:
    await page.goto(f"{shop.url}/console")
    await page.get_by_label("Name").fill("admin")
    await page.get_by_label("Password").fill(shop.password)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()


async def test_a_customer_asks_for_a_person_and_one_answers(chromium: Browser, shop: Shop) -> None:
    async with window(chromium) as customer, window(chromium) as operator:
        await log_in(operator, shop)
        await expect(operator.get_by_text("Nobody is waiting.")).to_be_visible()

        await customer.goto(shop.url)
        await customer.locator(".launcher").click()
        await customer.get_by_role("textbox").fill("I want to talk to a person")
        await customer.keyboard.press("Enter")
        await shop.tells_the_team()

        line = operator.locator("a.line")
        await expect(line).to_contain_text("I want to talk to a person")
        await expect(operator).to_have_title("(1) Console · Parley")
        await operator.keyboard.press("j")
        await operator.keyboard.press("Enter")
        await expect(operator.get_by_role("log")).to_contain_text("I have let the team know.")
        await operator.keyboard.press("r")
        await operator.keyboard.press("Enter")
        box = operator.get_by_label("Write to the customer")
        await expect(box).to_be_focused()
        await box.type("Hello, I am Ann.")
        await operator.keyboard.press("Shift+Enter")
        await box.type("How can I help?")
        await operator.keyboard.press("Enter")
        await expect(box).to_have_value("")
        await expect(operator.locator(".message.operator")).to_contain_text("Hello, I am Ann.")
        await expect(customer.get_by_role("log")).to_contain_text("How can I help?")

        await customer.get_by_role("textbox").fill(ATTACK)
        await customer.keyboard.press("Enter")
        await expect(operator.locator(".message.user").last).to_contain_text(ATTACK)
        assert await shop.store.turns.claim("worker") is None

        await operator.get_by_role("button", name="Hand back to the bot").click()
        await expect(operator.locator(".bar")).to_contain_text("With the bot")
        await expect(operator).to_have_title("Console · Parley")


async def test_a_picture_that_a_customer_sent_is_seen_and_a_script_that_claims_to_be_one_is_not_run(
    chromium: Browser, shop: Shop
) -> None:
    for name, content in [("red.png", RED), ("attack.png", b"<script>document.title = 'attacked'</script>")]:
        url = await shop.store.files.save(content, mime="image/png", name=name)
        picture = Attachment("image", url, "image/png", name=name)
        await shop.store.inbox.accept(Incoming("api", name, "anna-1", "anna", "", (picture,)))
    await shop.tells_the_team()
    async with window(chromium) as operator:
        await log_in(operator, shop)
        await operator.locator("a.line").click()
        red = operator.get_by_alt_text("red.png")
        await expect(red).to_have_js_property("naturalWidth", 1)
        box = await red.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 100
        async with operator.context.expect_page() as opened:
            await operator.get_by_alt_text("attack.png").click()
        attack = await opened.value
        await attack.wait_for_load_state()
        assert await attack.title() != "attacked"


async def test_what_is_being_written_survives_what_arrives(chromium: Browser, shop: Shop) -> None:
    async with window(chromium) as operator:
        await log_in(operator, shop)
        conversation = await ask(shop, "a person, please")
        await shop.tells_the_team()
        await shop.store.desk.take(conversation)
        await operator.goto(f"{shop.url}/console/conversations/{conversation}")
        box = operator.get_by_label("Write to the customer")
        await box.fill("I am looking into")
        await ask(shop, "hello?", "2")
        await expect(operator.locator(".message.user")).to_have_count(2)
        await expect(box).to_have_value("I am looking into")
        await expect(box).to_be_focused()

        await shop.store.desk.resolve(conversation)
        await operator.get_by_role("button", name="Take over").click()
        await expect(box).to_have_value("I am looking into")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_console_fits_a_narrow_phone(chromium: Browser, shop: Shop, scheme: str) -> None:
    citation = Citation("p1", "Returns", "https://shop.example/" + "long" * 60, "within 30 days " * 10)
    await ask(shop, "x" * 300 + " " + "How long can I return a jacket? " * 5)
    await shop.bot_says("Within 30 days.", route="answer", citations=(citation,), state="waiting")
    size = {"width": 360, "height": 740}
    async with window(chromium, viewport=size, color_scheme=scheme) as page:
        await page.goto(f"{shop.url}/console/log-in")
        await fits(page)
        await log_in(page, shop)
        await fits(page)
        await page.locator("a.line").click()
        await page.get_by_text("Sources (1)").click()
        await fits(page)
        await page.get_by_role("button", name="Take over").click()
        await expect(page.get_by_label("Write to the customer")).to_be_in_viewport()
        await fits(page)


async def ask(shop: Shop, text: str, key: str = "1") -> str:
    """Our id of the conversation in which this was asked."""
    accepted = await shop.store.inbox.accept(Incoming("web", key, "anna-1", "anna", text, user_name="Anna"))
    return accepted.conversation_id


async def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
