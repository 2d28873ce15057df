"""Formatted texts as the playground's page shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from adapters.playground.page import Playground
from tests.browser.playground import opened

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LINK = '<a href="https://a.example/" target="_blank" rel="noopener noreferrer">'
SPOILER = '<span class="spoiler" tabindex="0">'


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    async with Playground() as playground, opened(chromium, playground.url) as window:
        yield window.page


async def html(page: Page, module: str, function: str, *arguments: Any) -> str:
    """What a function of the page's makes, as markup."""
    script = """async ([module, name, args]) => {
        const made = (await import(module))[name](...args);
        const box = document.createElement("div");
        box.append(...made);
        return box.innerHTML;
    }"""
    return str(await page.evaluate(script, [f"/playground/{module}.js", function, list(arguments)]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "<p>plain</p>"),
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("***both***", "<p><strong><em>both</em></strong></p>"),
        ("**bold *inside* it**", "<p><strong>bold <em>inside</em> it</strong></p>"),
        ("__under__ ~~out~~", "<p><u>under</u> <s>out</s></p>"),
        ("snake_case_name stays", "<p>snake_case_name stays</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        (r"\*not italic\*", "<p>*not italic*</p>"),
        ("`**code**`", "<p><code>**code**</code></p>"),
        ("||secret||", f"<p>{SPOILER}secret</span></p>"),
        ("[words](https://a.example/)", f"<p>{LINK}words</a></p>"),
        ("see https://a.example/.", f"<p>see {LINK}https://a.example/</a>.</p>"),
        ("[bad](javascript:alert(1))", "<p>[bad](javascript:alert(1))</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
        ("<@7> and <@8>", '<p><span class="mention">@Ann</span> and <span class="mention">@somebody</span></p>'),
        ("# Title\nwords", "<h3>Title</h3><p>words</p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("> quoted\n> more", "<blockquote><div>quoted</div><div>more</div></blockquote>"),
        ("a\n```py\nx = 1\n```\nb", '<p>a</p><pre><code data-language="py">x = 1\n</code></pre><p>b</p>'),
    ],
)
async def test_discord_markdown(page: Page, text: str, expected: str) -> None:
    assert await html(page, "discord-text", "discordText", text, {"7": "Ann"}) == expected


def entity(kind: str, offset: int, length: int, **more: str) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("text", "entities", "expected"),
    [
        ("plain <b>", [], "plain &lt;b&gt;"),
        ("bold it", [entity("bold", 0, 7), entity("italic", 5, 2)], "<strong>bold <em>it</em></strong>"),
        ("👋 hi", [entity("bold", 3, 2)], "👋 <strong>hi</strong>"),
        ("x = 1", [entity("pre", 0, 5, language="py")], '<pre><code data-language="py">x = 1</code></pre>'),
        ("words", [entity("text_link", 0, 5, url="https://a.example/")], f"{LINK}words</a>"),
        ("words", [entity("text_link", 0, 5, url="javascript:alert(1)")], "<span>words</span>"),
        ("a.example", [entity("url", 0, 9)], f"{LINK.replace('example/', 'example')}a.example</a>"),
        ("@Ann", [entity("mention", 0, 4)], '<span class="mention">@Ann</span>'),
        ("ab cd", [entity("bold", 0, 2), entity("spoiler", 3, 2)], f"<strong>ab</strong> {SPOILER}cd</span>"),
    ],
)
async def test_telegram_entities(page: Page, text: str, entities: list[dict[str, Any]], expected: str) -> None:
    assert await html(page, "telegram-text", "telegramText", text, entities) == expected
