"""Files of conversations over HTTP: only for whoever was shown their addresses, and harmless."""

from __future__ import annotations

import pytest
from yarl import URL

from adapters.web.files import FileAddresses
from bot.messages import Attachment
from tests.adapters.web.conversation import Echo
from tests.adapters.web.site import SECRET, Site

PNG = b"\x89PNG pixels"


async def shown(site: Site, echo: Echo, content: bytes = PNG, mime: str = "image/png", name: str = "dress.png") -> str:
    """The address of a file that a reply came with."""
    url = await site.store.files.save(content, mime=mime, name=name)
    echo.pictures = (Attachment("image", url, mime, 256, 256, name, len(content)),)
    reply = await site.ask("ann", "hello", conversation="c1")
    (attachment,) = reply["attachments"]
    assert (attachment["width"], attachment["mime"]) == (256, mime)
    (again,) = (await site.history("c1"))["messages"][-1]["attachments"]
    assert again == attachment
    return str(attachment["url"])


async def test_a_replys_picture_is_at_its_address(site: Site, echo: Echo) -> None:
    address = await shown(site, echo)
    assert address.startswith(f"{site.url}/files/")
    async with site.http.get(URL(address)) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", PNG)
        assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''dress.png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with site.http.get(URL(address).with_query("download")) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment;")


async def test_a_file_that_a_browser_might_run_is_only_saved(site: Site, echo: Echo) -> None:
    address = await shown(site, echo, b"<script>", "image/svg+xml", "x.svg")
    async with site.http.get(URL(address)) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def altered(token: str) -> str:
    """With another character before the last, of which only some bits count."""
    return token[:-2] + ("B" if token[-2] == "A" else "A") + token[-1]


@pytest.mark.parametrize("change", [altered, lambda token: "f_1", lambda token: "x" * 500])
async def test_a_guessed_address_leads_nowhere(site: Site, echo: Echo, change: object) -> None:
    token = (await shown(site, echo)).rpartition("/")[2]
    async with site.http.get(f"/files/{change(token)}") as answer:  # type: ignore[operator]
        assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")


async def test_the_public_address_stands_before_it_where_there_is_one(site: Site) -> None:
    addresses = FileAddresses(site.store.files, SECRET, "https://chat.shop.example/")
    assert addresses.address("file:f_1", site.url).startswith("https://chat.shop.example/files/")
    assert addresses.address("https://cdn.example/a.png", site.url) == "https://cdn.example/a.png"
