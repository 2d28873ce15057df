"""Responses in the form of the API: their content type is exactly `application/json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from aiohttp import web

VIA = "1.1 playground"


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON response."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


def done() -> web.Response:
    """204, without a body."""
    return web.Response(status=204)


def too_many_requests(retry_after: float, scope: str, headers: Mapping[str, str]) -> web.Response:
    """A 429 as the platform sends it: `retry_after` in seconds in the body, rounded up in the header."""
    is_global = scope == "global"
    body = {"message": "You are being rate limited.", "retry_after": round(retry_after, 3), "global": is_global}
    more = {"Via": VIA, "X-RateLimit-Scope": scope, "Retry-After": str(math.ceil(retry_after))}
    if is_global:
        more["X-RateLimit-Global"] = "true"
    return answer(body, 429, {**headers, **more})
