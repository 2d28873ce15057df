"""POST /v1/images/generations: pictures for clients of OpenAI's interface.

Specification: https://platform.openai.com/docs/api-reference/images/create
"""

from __future__ import annotations

import base64
import time
from typing import Annotated, Literal

from aiohttp import web
from pydantic import AfterValidator, Field

from adapters.web.bodies import Body, Identifier, Text, read
from adapters.web.errors import Refusal
from adapters.web.files import FileAddresses, base
from adapters.web.shapes import Json, dump
from bot.errors import ModelError
from bot.protocols import Artist

CHANNEL = "openai"
LEAST_SIDE, LARGEST_SIDE = 16, 1024


def _square(size: str) -> str:
    width, _, height = size.partition("x")
    if size == "auto":
        return size
    if not width.isascii() or not width.isdigit() or width != height or not LEAST_SIDE <= int(width) <= LARGEST_SIDE:
        raise ValueError(f"must be auto or a square such as 256x256, from {LEAST_SIDE} to {LARGEST_SIDE} pixels")
    return size


class ImagesBody(Body):
    prompt: Annotated[Text, Field(max_length=4000)]
    n: Annotated[int, Field(ge=1, le=10)] | None = 1
    size: Annotated[str, Field(max_length=20), AfterValidator(_square)] | None = "auto"
    response_format: Literal["url", "b64_json"] | None = "url"
    user: Identifier | None = None


class Images:
    """The route. Without an `artist`, or a generator for it, it refuses."""

    def __init__(self, artist: Artist | None, files: FileAddresses) -> None:
        self._artist = artist
        self._files = files

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [web.post("/v1/images/generations", self._post)]

    async def _post(self, request: web.Request) -> web.Response:
        body = await read(request, ImagesBody)
        if self._artist is None or not await self._artist.is_open():
            raise Refusal(404, "no_image_generator", "No image generator is enabled on this server.")
        size = None if body.size in (None, "auto") else int(str(body.size).partition("x")[0])
        try:
            artwork = await self._artist.paint(
                body.prompt, count=body.n or 1, size=size, channel=CHANNEL, user=body.user or ""
            )
        except ModelError as error:
            raise Refusal(503, "generator_failed", str(error), retry_after=5) from None
        pictures = []
        for drawing, url in zip(artwork.drawings, artwork.urls, strict=True):
            picture: Json = {"revised_prompt": ", ".join(drawing.tags), "seed": drawing.seed}
            if body.response_format == "b64_json":
                picture["b64_json"] = base64.b64encode(drawing.content).decode()
            else:
                picture["url"] = self._files.address(url, base(request))
            pictures.append(picture)
        answer = {"created": int(time.time()), "data": pictures, "unused": list(artwork.unused)}
        return web.json_response(answer, dumps=dump)
