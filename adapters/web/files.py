"""Files of conversations, for the widget and the API: pictures that the bot has made, and what customers have sent.

An address names a file by a text that only this server can sign, so that whoever has not been shown it cannot guess it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web
from itsdangerous import BadData, URLSafeSerializer

from bot.errors import NotFound
from bot.messages import Message, Reply
from bot.protocols import Files

SCHEME = "file:"
PREFIX = "/files"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser draws without ever running it; an SVG, for one, may carry scripts."""
Said = TypeVar("Said", Reply, Message)
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


class FileAddresses:
    """The route /files, and the addresses under it; `public_url` stands before them if there is one."""

    def __init__(self, files: Files, secret: bytes, public_url: str = "") -> None:
        self._files = files
        self._public_url = public_url.rstrip("/")
        self._serializer = URLSafeSerializer(
            secret, salt="parley.web.file", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [web.get(PREFIX + "/{token}", self._send)]

    def address(self, url: str, base: str = "") -> str:
        """Where a kept file is found under the server's `base`; any other url is left as it is."""
        if not url.startswith(SCHEME):
            return url
        return f"{self._public_url or base}{PREFIX}/{self._serializer.dumps(url.removeprefix(SCHEME))}"

    def addressed(self, said: Said, base: str = "") -> Said:
        """A reply or a message with the addresses of its files."""
        attachments = tuple(replace(each, url=self.address(each.url, base)) for each in said.attachments)
        return replace(said, attachments=attachments)

    async def _send(self, request: web.Request) -> web.Response:
        """What a stranger has sent a browser must neither guess the type of nor run."""
        file = await self._files.load(SCHEME + self._named(request.match_info["token"]))
        is_picture = file.mime in PICTURES and "download" not in request.query
        disposition = "inline" if is_picture else "attachment"
        headers = {
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name or 'file', safe='')}",
            "Content-Security-Policy": POLICY,
            "Content-Type": file.mime if file.mime in PICTURES else "application/octet-stream",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "private, max-age=3600",
        }
        return web.Response(body=file.content, headers=headers)

    def _named(self, token: str) -> str:
        try:
            return str(self._serializer.loads(token))
        except (BadData, ValueError, TypeError):
            raise NotFound("There is no such file.") from None


def base(request: web.Request) -> str:
    """The server as this client has found it."""
    return str(request.url.origin())
