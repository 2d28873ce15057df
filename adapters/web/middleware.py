"""What holds for every request: errors as JSON, keys, origins, headers."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web import photos
from adapters.web.errors import Refusal, refusal
from adapters.web.options import WebOptions
from adapters.web.shapes import Json, dump
from bot.errors import ParleyError

log = structlog.get_logger()

KEYED = ("/api/", "/v1/")
CROSS_ORIGIN = (*KEYED, photos.PATH)
CORS = web.RequestKey("cors", dict[str, str])
CORS_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}
HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
HTTP_MESSAGES = {404: "There is nothing at this address.", 413: "The body is larger than this server takes."}


def error_json(error: Refusal, path: str) -> Json:
    """The error object; under /v1 with the fields that OpenAI's clients expect beside it."""
    value: Json = {"code": error.code, "message": str(error)}
    if path.startswith("/v1/"):
        kind = "server_error" if error.status >= 500 else "invalid_request_error"
        value |= {"type": kind, "param": None}
    return {"error": value}


def _error_response(request: web.Request, error: Refusal, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(
        error_json(error, request.path), status=error.status, headers={**error.headers, **(headers or {})}, dumps=dump
    )


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error becomes JSON with its status; what nobody expected is logged and becomes a plain 500."""
    try:
        return await handler(request)
    except ParleyError as error:
        answer = refusal(error)
        if answer.status >= 500 and answer.code not in ("busy", "reply_late"):
            log.warning("request failed", method=request.method, path=request.path, reason=str(error))
        return _error_response(request, answer)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = HTTP_CODES.get(error.status, "invalid_request")
        message = HTTP_MESSAGES.get(error.status, f"{error.reason}.")
        kept = {name: value for name, value in error.headers.items() if name == "Allow"}
        return _error_response(request, Refusal(error.status, code, message), kept)
    except Exception:
        log.exception("request failed", method=request.method, path=request.path)
        return _error_response(request, Refusal(500, "internal", "Something went wrong on our side."))


def key_guard(options: WebOptions) -> Middleware:
    """Asks for `Authorization: Bearer KEY` under /api and /v1 where the interface wants it."""
    digests = [hashlib.sha256(key.encode()).digest() for key in options.api_keys]
    wanted = bool(digests) or not options.is_loopback

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if wanted and request.path.startswith(KEYED) and not _has_key(request, digests):
            raise Refusal(401, "unauthorized", "A valid API key is needed: Authorization: Bearer KEY (web.api_keys).")
        return await handler(request)

    return guard


def _has_key(request: web.Request, digests: list[bytes]) -> bool:
    """Compares with every key, so that the time tells nothing about any."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    given = hashlib.sha256(key.strip().encode("utf-8", "surrogateescape")).digest()
    matches = [hmac.compare_digest(given, digest) for digest in digests]
    return scheme.lower() == "bearer" and any(matches)


class Origins:
    """Which web pages may talk to this server: its own, and those that the settings allow."""

    def __init__(self, options: WebOptions) -> None:
        self._any = "*" in options.allowed_origins
        self._allowed = {origin.rstrip("/").lower() for origin in options.allowed_origins}
        self._own = urlsplit(options.public_url).netloc.lower()

    def allows(self, request: web.Request) -> bool:
        """A request without an Origin does not come from a page and is allowed."""
        origin = request.headers.get("Origin")
        if origin is None or self._any or origin.lower() in self._allowed:
            return True
        host = urlsplit(origin).netloc.lower()
        return bool(host) and host in (request.host.lower(), self._own)

    @property
    def middleware(self) -> Middleware:
        """CORS for /api, /v1 and /photos: answers preflights, refuses pages that are not allowed."""

        @web.middleware
        async def cross_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
            origin = request.headers.get("Origin")
            if origin is None or not request.path.startswith(CROSS_ORIGIN):
                return await handler(request)
            if not self.allows(request):
                raise Refusal(
                    403, "origin_refused", f"Pages of {origin} may not use this server (web.allowed_origins)."
                )
            request[CORS] = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
            if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
                return web.Response(status=204, headers=CORS_HEADERS)
            return await handler(request)

        return cross_origin


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The headers that every response carries."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.update(request.get(CORS, {}))
    if request.path.startswith(CROSS_ORIGIN):
        response.headers.setdefault("Cache-Control", "no-store")
