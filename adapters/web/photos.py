"""POST /photos: a photo of a widget's visitor, kept before the message that shows it comes over the socket.

`Authorization: Bearer TOKEN` has the visitor's token from `welcome`; the body is the photo. The answer has `photo`,
a token that only this visitor can send with a `message`, and `url`, the address at which the photo is shown.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import astuple
from io import BytesIO

from aiohttp import web
from itsdangerous import BadData, URLSafeSerializer
from PIL import Image

from adapters.web.errors import Refusal
from adapters.web.files import FileAddresses
from adapters.web.options import WebOptions
from adapters.web.rate import TokenBucket
from adapters.web.shapes import attachment_json, dump
from adapters.web.visitors import Visitor, Visitors
from bot.messages import Attachment
from bot.protocols import Files

PATH = "/photos"
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SECONDS = 60.0
"""For one photo from its first byte to its last, its place in the queue included."""
AT_ONCE = 8
INCOMPLETE = (ConnectionError, web.RequestPayloadError)


class Photos:
    """The route, and the photos' tokens. A visitor may send as many photos a minute as messages."""

    def __init__(
        self, options: WebOptions, files: Files, addresses: FileAddresses, visitors: Visitors, secret: bytes
    ) -> None:
        self._options = options
        self._files = files
        self._addresses = addresses
        self._visitors = visitors
        self._serializer = URLSafeSerializer(
            secret, salt="parley.web.photo", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )
        self._buckets: dict[str, TokenBucket] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [web.post(PATH, self._post)]

    def attachment(self, token: str, visitor: Visitor) -> Attachment:
        """The kept photo that this visitor has sent before; a Refusal for any other token."""
        try:
            owner, *fields = self._serializer.loads(token)
            if owner == visitor.id:
                return Attachment(*fields)
        except (BadData, ValueError, TypeError):
            pass
        raise Refusal(400, "photo_unknown", "This photo was not sent from here. Please choose it again.")

    async def _post(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        if seconds := self._bucket(visitor).take():
            raise Refusal(429, "rate", "That was a lot at once. Please try again in a moment.", seconds)
        photo = await self._keep(await self._content(request))
        token = str(self._serializer.dumps([visitor.id, *astuple(photo)]))
        shown = attachment_json(photo) | {"url": self._addresses.address(photo.url)}
        return web.json_response({"photo": token, **shown}, dumps=dump)

    def _visitor(self, request: web.Request) -> Visitor:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        visitor = self._visitors.recognise(token) if scheme.lower() == "bearer" else None
        if visitor is None:
            raise Refusal(401, "unauthorized", "A visitor's token is needed: Authorization: Bearer TOKEN.")
        return visitor

    def _bucket(self, visitor: Visitor) -> TokenBucket:
        """The visitor's own; of as many visitors as may be connected, those who came last."""
        limit = self._options.messages_per_minute
        bucket = self._buckets.pop(visitor.id, None) or TokenBucket(limit / 60, limit)
        self._buckets[visitor.id] = bucket
        if len(self._buckets) > self._options.connections:
            del self._buckets[next(iter(self._buckets))]
        return bucket

    async def _content(self, request: web.Request) -> bytes:
        if (request.content_length or 0) > self._options.attachment_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(SECONDS), self._turn:
                return await self._read(request)
        except TimeoutError:
            raise Refusal(408, "photo_slow", "The photo took too long. Please try again.") from None
        except INCOMPLETE:
            raise Refusal(400, "photo_incomplete", "The photo did not arrive whole. Please try again.") from None

    async def _read(self, request: web.Request) -> bytes:
        content = bytearray()
        async for chunk in request.content.iter_any():
            content += chunk
            if len(content) > self._options.attachment_bytes:
                raise self._too_large()
        return bytes(content)

    def _too_large(self) -> Refusal:
        megabytes = f"{self._options.attachment_bytes / 1_000_000:g}"
        return Refusal(413, "photo_too_large", f"The photo is too large: at most {megabytes} MB are taken.")

    async def _keep(self, content: bytes) -> Attachment:
        kind, width, height = await asyncio.to_thread(_measured, content)
        name, mime = f"photo.{kind.lower()}", FORMATS[kind]
        url = await self._files.save(content, mime=mime, name=name)
        return Attachment("image", url, mime, width, height, name, len(content))


def _measured(content: bytes) -> tuple[str, int, int]:
    """What the first bytes say of it, whatever its sender says: format, width and height."""
    try:
        with Image.open(BytesIO(content), formats=tuple(FORMATS)) as image:
            return str(image.format), *image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refusal(415, "photo_type", "Only photos can be sent: PNG, JPEG or WebP.") from None
