"""Files of conversations, for operators: pictures to look at, everything else to keep."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from adapters.console.options import PREFIX
from bot.messages import Attachment
from bot.protocols import Files

SCHEME = "file:"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser draws without ever running it; an SVG, for one, may carry scripts."""
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
UNITS = ("B", "kB", "MB", "GB")


class Attachments:
    """The route /files; who asks was checked by the guard."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [web.get("/files/{id}", self._send)]

    async def _send(self, request: web.Request) -> web.Response:
        """A customer's file is what a stranger says it is: a browser must neither guess its type nor run it."""
        file = await self._files.load(f"{SCHEME}{request.match_info['id']}")
        is_picture = file.mime in PICTURES
        disposition = "inline" if is_picture else "attachment"
        headers = {
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name or 'file', safe='')}",
            "Content-Security-Policy": POLICY,
            "Content-Type": file.mime if is_picture else "application/octet-stream",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return web.Response(body=file.content, headers=headers)


def address(attachment: Attachment) -> str | None:
    """Where an operator opens it; None when a click on it would be unsafe."""
    if attachment.url.startswith(SCHEME):
        return f"{PREFIX}/files/{quote(attachment.url.removeprefix(SCHEME), safe='')}"
    return attachment.url if is_web_address(attachment.url) else None


def is_picture(attachment: Attachment) -> bool:
    """Whether it is a kept file that the page itself shows."""
    return attachment.url.startswith(SCHEME) and attachment.mime in PICTURES


def is_web_address(address: str) -> bool:
    """Whether a click on it opens a page and never runs anything."""
    return address.startswith(("https://", "http://"))


def readable_size(size: int) -> str:
    """Bytes in the largest unit that leaves at least 1."""
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if amount >= 10 or not unit else f"{amount:.1f} {UNITS[unit]}"
