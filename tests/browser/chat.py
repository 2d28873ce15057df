"""The widget as a visitor uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

PATIENCE = 20_000


class Chat:
    """One visitor's window; `errors` are what the page complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.launcher = page.locator(".launcher")
        self.panel = page.locator(".window")
        self.log = page.get_by_role("log")
        self.input = page.locator("textarea")
        self.status = page.locator(".status")
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self) -> None:
        await self.launcher.click()
        await expect(self.panel).to_be_visible()

    async def say(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")

    async def ask(self, text: str) -> Locator:
        """Says it and waits for the whole answer; returns the answer's item."""
        count = await self.answers.count()
        await self.say(text)
        await expect(self.answers).to_have_count(count + 1, timeout=PATIENCE)
        return self.answers.nth(count)

    @property
    def answers(self) -> Locator:
        """Answers that are complete: the thumbs come last."""
        return self.log.locator(".item.bot", has=self.page.locator(".feedback"))

    async def texts(self) -> list[str]:
        """What the bubbles say, from top to bottom."""
        return await self.log.locator(".bubble").all_inner_texts()


@asynccontextmanager
async def visitor(browser: Browser, url: str, **options: Any) -> AsyncIterator[Chat]:
    """A new person with a browser of their own, on the page; page errors fail the test."""
    context = await browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = await context.new_page()
    chat = Chat(page)
    await page.goto(url)
    await expect(chat.launcher).to_be_attached()
    yield chat
    assert not chat.errors
    await context.close()
