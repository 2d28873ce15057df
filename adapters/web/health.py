"""Alive, ready, and figures for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from adapters.web.shapes import dump

CHECK_SECONDS = 5.0

Readiness = Callable[[], Awaitable[Mapping[str, str | bool]]]


class Health:
    """`readiness` names the parts: True is ready, False or a reason in words is not."""

    def __init__(self, readiness: Readiness, registry: CollectorRegistry) -> None:
        self._readiness = readiness
        self._registry = registry

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [
            web.get("/healthz", self._alive),
            web.get("/readyz", self._ready),
            web.get("/metrics", self._metrics),
        ]

    async def _alive(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _ready(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                parts = await self._readiness()
        except TimeoutError:
            parts = {"checks": f"not done within {CHECK_SECONDS:.0f} seconds"}
        waiting = {name: state for name, state in parts.items() if state is not True}
        body = {"status": "waiting" if waiting else "ready", "parts": dict(parts)}
        return web.json_response(body, status=503 if waiting else 200, dumps=dump)

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
