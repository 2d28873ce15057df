"""What every REST request passes: record, token, faults, limits, then its handler.

A request that fails before its effect is counted in no bucket, as what the platform's own edge refuses is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from adapters.playground.discord.answers import answer, too_many_requests
from adapters.playground.discord.errors import ApiError, Refusal
from adapters.playground.discord.faults import Fault, Faults
from adapters.playground.discord.limits import RateLimits, Verdict
from adapters.playground.discord.requests import Body, RecordedRequest, Requests, read_body
from adapters.playground.discord.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

API = "/api/v10"
BODY = web.RequestKey("body", Body)
WITHOUT_TOKEN = ("/interactions/", "/webhooks/")


class Gate:
    """The middleware of the API."""

    def __init__(self, world: World, token: str, limits: RateLimits, faults: Faults, requests: Requests) -> None:
        self._world = world
        self._token = token
        self._limits = limits
        self._faults = faults
        self._requests = requests

    def middleware(self) -> Any:
        """For `web.Application(middlewares=…)`."""

        @web.middleware
        async def pass_gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            record = self._record(request)
            response = await self._answer(request, handler, record)
            if record.fault != "reset":
                record.status = response.status
            self._world.changes.note()
            return response

        return pass_gate

    def _record(self, request: web.Request) -> RecordedRequest:
        resource = request.match_info.route.resource
        path = request.path.removeprefix(API)
        name = resource.canonical.removeprefix(API) if resource else path
        record = RecordedRequest(self._world.clock.now(), request.method, f"{request.method} {name}", path)
        self._requests.add(record)
        return record

    async def _answer(self, request: web.Request, handler: Handler, record: RecordedRequest) -> web.StreamResponse:
        if self._limits.banned:
            return web.Response(status=429, text="error code: 1015", content_type="text/html")
        verdict = Verdict({})
        try:
            body = request[BODY] = await read_body(request)
            record.body, record.files = body.json, tuple(upload.filename for upload in body.uploads)
            self._check_token(request)
            fault = self._faults.draw(record.route)
            record.fault = fault.kind if fault else None
            if fault and fault.kind != "slow" and not fault.after_effect:
                return _fail(request, fault)
            verdict = self._take(request, record)
            if verdict.retry_after is not None:
                return self._refuse(verdict)
            response = await _carry_out(request, handler, fault)
        except ApiError as error:
            record.code = error.code
            if error.status in (401, 403):
                self._limits.count_invalid(error.status)
            response = answer(error.body, error.status)
        response.headers.update(verdict.headers)
        return response

    def _check_token(self, request: web.Request) -> None:
        path = request.path.removeprefix(API)
        open_to_all = path.startswith(WITHOUT_TOKEN) or path == "/gateway"
        if not open_to_all and request.headers.get("Authorization") != f"Bot {self._token}":
            raise ApiError(Refusal.UNAUTHORIZED)

    def _take(self, request: web.Request, record: RecordedRequest) -> Verdict:
        parameters = request.match_info
        major = "/".join(parameters.get(name, "") for name in ("channel_id", "guild_id", "token"))
        return self._limits.take(record.route, major, is_global=not record.path.startswith(WITHOUT_TOKEN))

    def _refuse(self, verdict: Verdict) -> web.Response:
        self._limits.count_invalid(429)
        return too_many_requests(verdict.retry_after or 0.0, verdict.scope or "user", verdict.headers)


async def _carry_out(request: web.Request, handler: Handler, fault: Fault | None) -> web.StreamResponse:
    """With what goes wrong before or after it."""
    if fault and fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    response = await _handle(request, handler)
    return _fail(request, fault) if fault and fault.after_effect else response


async def _handle(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPNotFound:
        raise ApiError(Refusal.NOT_FOUND) from None
    except web.HTTPMethodNotAllowed:
        raise ApiError(Refusal.METHOD_NOT_ALLOWED) from None


def _fail(request: web.Request, fault: Fault) -> web.Response:
    if fault.kind == "rate limit":
        return too_many_requests(fault.retry_after, fault.scope, {})
    if fault.kind == "reset" and request.transport:
        request.transport.abort()
    return answer({"message": f"{fault.status}: Server Error", "code": 0}, fault.status)
