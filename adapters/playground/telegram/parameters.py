"""The parameters of a request: query string, JSON, urlencoded form or multipart form, one way to read them all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from adapters.playground.telegram.errors import ApiError, bad_request

UPLOAD_BYTES = 50 << 20
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Upload:
    """A file that came in a multipart body."""

    name: str
    mime_type: str
    data: bytes


class Parameters:
    """What a request says; JSON values stay as they are, form values are text."""

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload]) -> None:
        self.values = dict(values)
        self.uploads = dict(uploads)

    def given(self, name: str) -> bool:
        """Whether there is a value that is not null."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """The value as text; empty if there is none."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The value as a whole number; `default` if there is none."""
        if not self.given(name) or self.values[name] == "":
            return default
        try:
            return int(self.text(name))
        except ValueError:
            raise bad_request(f'parameter "{name}" must be an integer') from None

    def flag(self, name: str) -> bool:
        """The value as yes or no; no if there is none."""
        return self.text(name).lower() in ("true", "yes", "1")

    def structure(self, name: str) -> Any:
        """The value as a JSON structure; None if there is none."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return _loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def items(self, name: str) -> list[Any]:
        """The value as a JSON list; empty if there is none."""
        value = self.structure(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name}: expected an Array")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """The value as a JSON object; empty if there is none."""
        value = self.structure(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_request(f"can't parse {name}: expected an Object")
        return value


async def read_parameters(request: web.Request) -> Parameters:
    """Reads the query string and the body.

    Raises ApiError 400 for a body that is not what its content type says, 413 for one over 50 MB.
    """
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            values |= _json_body(await request.read())
        elif request.content_type == "multipart/form-data":
            await _read_multipart(request, values, uploads)
        elif request.content_type == "application/x-www-form-urlencoded":
            values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except (ValueError, LookupError):
        raise bad_request(f"can't parse request body as {request.content_type}") from None
    return Parameters(values, uploads)


def _json_body(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        values = _loads(body)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise bad_request("can't parse request parameters as a JSON object")
    return values


def _loads(source: str | bytes) -> Any:
    """JSON's value. Raises ValueError, also for text that is no valid Unicode (half of a surrogate pair)."""
    try:
        value = json.loads(source)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("too deep") from None
    return value


async def _read_multipart(request: web.Request, values: dict[str, Any], uploads: dict[str, Upload]) -> None:
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        data = bytearray()
        while chunk := await part.read_chunk(_CHUNK_BYTES):
            size += len(chunk)
            if size > UPLOAD_BYTES:
                raise _too_large()
            data += chunk
        if part.filename is None:
            values[part.name] = data.decode("utf-8", "replace")
        else:
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, mime_type, bytes(data))


def _too_large() -> ApiError:
    return ApiError(413, "Request Entity Too Large")
