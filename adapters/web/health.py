"""Alive, ready, and figures for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from adapters.web.shapes import dump

CHECK_SECONDS = 5.0

States = Mapping[str, str | bool]
"""True for what is well, otherwise what is wrong with it."""
Readiness = Callable[[], Awaitable[States]]
Connections = Callable[[], States]


class Health:
    """`readiness` names the parts that an answer needs, `connections` the platforms that answers are sent to.

    Without a part the server is not ready (503). Without a platform it is `degraded` (200): the others run on, and
    a load balancer must not take the web chat away because Telegram is down.
    """

    def __init__(self, readiness: Readiness, connections: Connections, registry: CollectorRegistry) -> None:
        self._readiness = readiness
        self._connections = connections
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
        channels = self._connections()
        status = "ready" if _all_well(channels) else "degraded"
        body = {"status": status if _all_well(parts) else "waiting", "parts": dict(parts), "channels": dict(channels)}
        return web.json_response(body, status=200 if _all_well(parts) else 503, dumps=dump)

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def _all_well(states: States) -> bool:
    return all(state is True for state in states.values())
