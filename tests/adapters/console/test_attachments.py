"""Files that customers sent, as operators see them."""

from __future__ import annotations

import aiohttp
import pytest

from adapters.console.attachments import readable_size
from bot.messages import Attachment
from tests.adapters.console.browser import Browser, Console

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
ATTACK = b"<script>alert(1)</script>"


async def sent(console: Console, content: bytes, mime: str, name: str, kind: str = "file") -> tuple[str, str]:
    """A file without words; our id of the conversation, and the address of the file."""
    url = await console.store.files.save(content, mime=mime, name=name)
    conversation = await console.customer_says("", Attachment(kind, url, mime, name=name, size=len(content)))
    return conversation, f"/console/files/{url.removeprefix('file:')}"


async def fetched(browser: Browser, address: str) -> tuple[aiohttp.ClientResponse, bytes]:
    async with browser.session.get(address, allow_redirects=False) as response:
        return response, await response.read()


async def test_a_picture_is_shown_in_the_conversation(console: Console, operator: Browser) -> None:
    conversation, address = await sent(console, PICTURE, "image/png", "jacket.png", "image")
    page = await operator.get(f"/console/conversations/{conversation}")
    assert page.attribute(".message a.thumbnail", "href") == address
    assert page.attribute(".message img", "src") == address
    assert page.attribute(".message img", "alt") == "jacket.png"
    assert page.texts(".message .text") == []
    response, content = await fetched(operator, address)
    assert (content, response.headers["Content-Type"]) == (PICTURE, "image/png")
    assert response.headers["Content-Disposition"] == "inline; filename*=UTF-8''jacket.png"


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/pdf", "image/png\r\nX: y", "IMAGE/PNG"])
async def test_anything_else_is_a_link_to_keep_and_never_runs(console: Console, operator: Browser, mime: str) -> None:
    conversation, address = await sent(console, ATTACK, mime, 'a "b"\r\nX: y.html')
    page = await operator.get(f"/console/conversations/{conversation}")
    assert page.attribute(".message a", "href") == address
    assert page.tree.css_first(".message img") is None
    response, content = await fetched(operator, address)
    assert (content, response.headers["Content-Type"]) == (ATTACK, "application/octet-stream")
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20%22b%22%0D%0AX%3A%20y.html"
    assert "X" not in response.headers


async def test_whatever_a_file_claims_to_be_the_browser_may_not_guess_or_run_it(
    console: Console, operator: Browser
) -> None:
    _, address = await sent(console, ATTACK, "image/png", "not-a-picture.png", "image")
    response, _ = await fetched(operator, address)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


async def test_only_operators_get_files(console: Console, stranger: Browser) -> None:
    _, address = await sent(console, PICTURE, "image/png", "jacket.png")
    response, content = await fetched(stranger, address)
    assert (response.status, response.headers["Location"]) == (303, "/console/log-in")
    assert content != PICTURE


@pytest.mark.parametrize("name", ["f_none", "..%2F..%2Fetc%2Fpasswd", "%00"])
async def test_what_is_no_file_is_not_found(operator: Browser, name: str) -> None:
    assert (await operator.get(f"/console/files/{name}")).status == 404


async def test_a_link_elsewhere_opens_only_if_it_is_a_web_address(console: Console, operator: Browser) -> None:
    links = [Attachment("file", url, "text/plain") for url in ("https://shop.example/a.txt", "javascript:alert(1)")]
    conversation = await console.customer_says("see here", *links)
    page = await operator.get(f"/console/conversations/{conversation}")
    assert [link.attributes["href"] for link in page.tree.css(".message a")] == ["https://shop.example/a.txt"]
    assert page.texts(".message p.small") == ["Attachment (text/plain)", "Attachment (text/plain)"]


async def test_the_inbox_says_that_a_file_came_without_words(console: Console, operator: Browser) -> None:
    await sent(console, PICTURE, "image/png", "jacket.png")
    await console.bot_says("I have told the team.", route="handoff", state="waiting")
    assert (await operator.get("/console")).texts(".line .said") == ["Attachment"]


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345, "12 kB"), (20_000_000, "20 MB"), (5 * 10**12, "5000 GB")],
)
def test_sizes_are_told_in_units_that_people_read(size: int, text: str) -> None:
    assert readable_size(size) == text
