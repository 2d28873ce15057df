"""Drawing in the web chat of a real bot: plain words, buttons, the original, and its origin."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.sample import write_bot_folder
from generation.images.networks import Kind
from generation.images.serving import provenance
from tests.bot.cli.test_serve import PARLEY
from tests.browser.chat import visitor
from tests.browser.test_sample_shop import picture, served
from tests.generation.images.test_model import stored

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture(scope="module")
def generators(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a gan and a vae with random weights, which know: blue, dress, hat, red."""
    folder = tmp_path_factory.mktemp("generators")
    kinds: tuple[Kind, ...] = ("gan", "vae")
    for kind in kinds:
        replace(stored(kind), photo_limit=1.0).save(folder / kind)
    return {"PARLEY_IMAGES__GAN": str(folder / "gan"), "PARLEY_IMAGES__VAE": str(folder / "vae")}


async def loaded(image: Locator) -> int:
    """The width of the picture that the browser has fetched."""
    await expect(image).to_be_visible()
    width: int = await image.evaluate("async (node) => { await node.decode(); return node.naturalWidth; }")
    return width


async def test_pictures_are_drawn_repeated_and_downloaded(
    tmp_path: Path, chromium: Browser, generators: dict[str, str]
) -> None:
    shop = tmp_path / "shop"
    write_bot_folder(shop)
    async with served(shop, generators) as url, visitor(chromium, url) as chat:
        await chat.open()
        drawn = await chat.ask("draw me a big red dress")
        await expect(drawn).to_contain_text("AI-generated picture: red, dress.")
        await expect(drawn).to_contain_text("I could not use: big.")
        assert await loaded(drawn.locator("img")) == 256
        await picture(chat, "picture")

        async with chat.page.expect_download() as download:
            await drawn.get_by_role("link", name="Get original").click()
        original = tmp_path / "original.png"
        await (await download.value).save_as(original)
        origin = provenance.read(original.read_bytes())
        assert origin is not None
        assert origin.tags == ("red", "dress")
        assert f"Seed {origin.seed} " in await drawn.inner_text()
        process = await asyncio.create_subprocess_exec(PARLEY, "imagine", "--verify", original, "--bot", shop)
        assert await process.wait() == 0

        await chat.panel.locator(".chip", has_text="Draw four of them").click()
        four = chat.answers.nth(1)
        await expect(four.locator("img")).to_have_count(4)
        assert [await loaded(image) for image in await four.locator("img").all()] == [256] * 4

        rows = [box["y"] for image in await four.locator("img").all() if (box := await image.bounding_box())]
        assert rows[0] == rows[1] < rows[2] == rows[3]
        await picture(chat, "four")

        chinese = await chat.ask("画一顶蓝色的帽子")
        await expect(chinese).to_contain_text("AI 生成的图片：蓝色, 帽子")
        await picture(chat, "pictures")

        await chat.page.reload()
        await expect(chat.log.locator("img")).to_have_count(6)
        assert await loaded(chat.log.locator("img").first) == 256
