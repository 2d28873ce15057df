"""The playground's page as the person who plays the customers uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

PATIENCE = 20_000


class Window:
    """The open page; `errors` are what it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.log = page.get_by_role("log")
        self.input = page.get_by_label("Message", exact=True)
        self.notice = page.get_by_role("alert")
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def go(self, place: str) -> None:
        """To a place by its title."""
        button = self.page.get_by_role("navigation").get_by_role("button", name=place)
        await button.click()
        await expect(button).to_have_attribute("aria-current", "page")

    async def say(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")

    def said(self, text: str) -> Locator:
        """A message of this place by its words."""
        return self.log.get_by_role("article").filter(has_text=text)

    @property
    def answers(self) -> Locator:
        """The bot's messages that are there for good."""
        return self.log.locator(".item.bot:not(.draft)")


@asynccontextmanager
async def opened(browser: Browser, url: str, **options: Any) -> AsyncIterator[Window]:
    """A new window on the page; page errors fail the test."""
    context = await browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = await context.new_page()
    window = Window(page)
    await page.goto(url)
    await expect(page.get_by_role("navigation").get_by_role("button").first).to_be_visible()
    yield window
    assert not window.errors
    await context.close()
