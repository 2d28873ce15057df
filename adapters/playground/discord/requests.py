"""Reads the bodies of requests and keeps a record of each."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import Any

from aiohttp import BodyPartReader, web

from adapters.playground.discord.errors import ApiError, Refusal
from adapters.playground.discord.model import Json, Upload
from adapters.playground.discord.payloads import ATTACHMENT_BYTES

JSON_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Body:
    """JSON, and the files beside it."""

    json: Json = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()
    items: tuple[Any, ...] | None = None
    """The JSON when it is a list."""


async def read_body(request: web.Request) -> Body:
    """Raises ApiError 50109 for broken JSON, 40005 for a body that is too large."""
    if not request.body_exists:
        return Body()
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request)
    body = _parse(await _read_json(request))
    return Body(body) if isinstance(body, dict) else Body(items=tuple(body))


async def _read_multipart(request: web.Request) -> Body:
    payload: Json = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ApiError(Refusal.INVALID_FORM)
        content = await _read_part(part)
        if part.name == "payload_json":
            payload = _parse_object(content)
        elif part.filename is not None:
            uploads.append(Upload(part.filename, content, _content_type(part)))
    return Body(payload, tuple(uploads))


def _content_type(part: BodyPartReader) -> str:
    declared = part.headers.get("Content-Type", "application/octet-stream")
    return guess_type(part.filename or "")[0] or declared


async def _read_part(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(65536):
        content += chunk
        if len(content) > ATTACHMENT_BYTES:
            raise ApiError(Refusal.TOO_LARGE)
    return bytes(content)


async def _read_json(request: web.Request) -> bytes:
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > JSON_BYTES:
            raise ApiError(Refusal.TOO_LARGE)
    return bytes(content)


def _parse(content: bytes) -> Json | list[Any]:
    try:
        body = json.loads(content) if content else {}
    except ValueError:
        raise ApiError(Refusal.INVALID_JSON) from None
    if not isinstance(body, dict | list):
        raise ApiError(Refusal.INVALID_JSON)
    return body


def _parse_object(content: bytes) -> Json:
    body = _parse(content)
    if isinstance(body, list):
        raise ApiError(Refusal.INVALID_FORM)
    return body


@dataclass
class RecordedRequest:
    """One request, and what became of it."""

    at: float
    """Seconds since 1970, when it came."""
    method: str
    route: str
    """Such as `POST /channels/{channel_id}/messages`."""
    path: str
    body: Json = field(default_factory=dict)
    files: tuple[str, ...] = ()
    status: int = 0
    """0 while it runs, and when the connection was cut."""
    code: int | None = None
    """The JSON error code."""
    fault: str | None = None
    """The kind of the injected failure."""


class Requests:
    """The latest requests in their order."""

    def __init__(self, kept: int) -> None:
        self._kept: deque[RecordedRequest] = deque(maxlen=kept)
        self.count = 0

    def add(self, request: RecordedRequest) -> None:
        self._kept.append(request)
        self.count += 1

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(tuple(self._kept))

    def of(self, route: str) -> list[RecordedRequest]:
        """Those of a route, such as `POST /channels/{channel_id}/messages`."""
        return [request for request in self._kept if request.route == route]
