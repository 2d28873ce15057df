"""The first minutes of a newcomer: `parley init`, `parley serve`, and five questions in the browser."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.sample import write_bot_folder
from tests.browser.chat import Chat, visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

START_SECONDS = 120
STOP_SECONDS = 30
SCREENSHOTS = os.environ.get("PARLEY_TEST_SCREENSHOTS")


@asynccontextmanager
async def served(folder: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[str]:
    """The address of a bot folder that the real command serves with settings of the environment; it must stop in
    peace."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--bot", str(folder), "serve"),
        env={**environment, "PARLEY_WEB__PORT": "0", **(settings or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            while not (address := re.search(rb"Web chat\s+(\S+)", line := await process.stdout.readline())):
                assert line, "parley serve ended before it was ready"
        yield address[1].decode()
        process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def read_source(chat: Chat, answer: Locator) -> str:
    """Opens the answer's first citation; the words that are marked in the passage."""
    await answer.locator(".citation").first.click()
    sheet = chat.page.get_by_role("dialog", name=re.compile("Source|来源"))
    await expect(sheet.locator("mark")).not_to_be_empty()
    marked = await sheet.locator("mark").inner_text()
    await chat.page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    return marked


async def picture(chat: Chat, name: str) -> None:
    """For people to look at, where PARLEY_TEST_SCREENSHOTS names a folder."""
    if SCREENSHOTS:
        await chat.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


async def test_five_questions_to_the_sample_shop(tmp_path: Path, chromium: Browser) -> None:
    write_bot_folder(tmp_path / "shop")
    async with served(tmp_path / "shop") as url, visitor(chromium, url) as chat:
        await chat.open()
        await expect(chat.panel).to_contain_text("Larkfell Outdoor")

        shipping = await chat.ask("How much does shipping to Germany cost?")
        await expect(shipping).to_contain_text("€4.95")
        assert "€4.95" in await read_source(chat, shipping)
        await picture(chat, "answer")

        follow_up = await chat.ask("And to Switzerland?")
        await expect(follow_up).to_contain_text("€12.95")
        assert "Switzerland" in await read_source(chat, follow_up)

        out_of_scope = await chat.ask("Who won the football world cup in 1998?")
        await expect(out_of_scope).to_contain_text("I do not know")
        await expect(out_of_scope.locator(".citation")).to_have_count(0)
        await expect(chat.panel.locator(".chip", has_text="Talk to a person")).to_be_visible()
        await picture(chat, "decline")

        hours = await chat.ask("When is your store open on Thursdays?")
        await expect(hours).to_contain_text("10:00 to 21:00")
        assert "Thursday" in await read_source(chat, hours)

        chinese = await chat.ask("可以用支付宝付款吗？")
        await expect(chinese).to_contain_text("支付宝")
        assert "支付宝" in await read_source(chat, chinese)
        await picture(chat, "five")
