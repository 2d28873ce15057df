"""Start, stop, health."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from adapters.web import WebOptions, WebServer
from bot.errors import SettingsError
from bot.messages import Delivery, Reply
from tests.adapters.web.conversation import Echo
from tests.adapters.web.site import SECRET, Serve, Site, ready


def server_on(site: Site, **options: object) -> WebServer:
    """Another server over the same store."""
    return WebServer(
        WebOptions(**options),  # type: ignore[arg-type]
        inbox=site.store.inbox,
        history=site.store.history,
        streams=site.streams,
        passages=site.store.knowledge,
        files=site.store.files,
        secret=SECRET,
        readiness=ready,
        registry=CollectorRegistry(),
    )


async def test_a_port_in_use_is_named_with_what_to_do(site: Site) -> None:
    port = site.server.port
    second = server_on(site, port=port)
    with pytest.raises(SettingsError, match=rf"web\.port: port {port} on 127\.0\.0\.1 is in use.*set another"):
        await second.start()
    await second.stop()


async def test_a_host_that_is_not_this_machine_is_named(site: Site) -> None:
    with pytest.raises(SettingsError, match=r"web\.(host|port).*203\.0\.113\.7"):
        await server_on(site, port=0, host="203.0.113.7").start()
    with pytest.raises(SettingsError, match=r"web\.host: 'no\.such\.host\.invalid'"):
        await server_on(site, port=0, host="no.such.host.invalid").start()


async def test_port_0_takes_a_free_port_and_says_which(site: Site) -> None:
    assert site.server.port > 0
    assert site.url == f"http://127.0.0.1:{site.server.port}"


def test_the_public_address_is_the_one_that_is_shown(site: Site) -> None:
    assert server_on(site, public_url="https://chat.shop.example/").url == "https://chat.shop.example"


async def test_open_requests_are_answered_before_the_server_stops(serve: Serve, echo: Echo) -> None:
    async with serve(drain_seconds=20) as site:
        echo.gate.clear()
        asking = asyncio.create_task(site.ask("ann", "hello"))
        await echo.asked.wait()
        stopping = asyncio.create_task(site.server.stop())
        await refuses_connections(site.server.port)
        echo.gate.set()
        assert (await asking)["text"] == "You said: hello"
        await stopping


async def refuses_connections(port: int) -> None:
    """Returns once nobody listens any more."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            return
        writer.close()


async def test_a_request_that_does_not_end_is_not_waited_for_longer_than_allowed(serve: Serve, echo: Echo) -> None:
    async with serve(drain_seconds=0.2) as site:
        echo.gate.clear()
        asking = asyncio.create_task(site.ask("ann", "hello"))
        await echo.asked.wait()
        async with asyncio.timeout(10):
            await site.server.stop()
        with pytest.raises(aiohttp.ClientError):
            await asking
        echo.gate.set()


async def test_stopping_twice_or_before_the_start_does_nothing(site: Site) -> None:
    await server_on(site).stop()
    await site.server.stop()
    await site.server.stop()


async def test_the_address_is_free_again_after_the_stop(serve: Serve) -> None:
    async with serve() as site:
        port = site.server.port
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))


async def test_health_ready_and_metrics(http: aiohttp.ClientSession) -> None:
    assert (await http.get("/healthz")).status == 200
    answer = await http.get("/readyz")
    ready = {"status": "ready", "parts": {"database": True}, "channels": {}}
    assert (answer.status, await answer.json()) == (200, ready)
    assert "parley_web_sockets" in await (await http.get("/metrics")).text()


async def test_what_is_not_ready_is_named(serve: Serve) -> None:
    async def waiting() -> dict[str, str | bool]:
        return {"database": True, "model": "is being loaded"}

    async with serve(readiness=waiting) as site:
        answer = await site.http.get("/readyz")
        assert answer.status == 503
        assert (await answer.json())["parts"] == {"database": True, "model": "is being loaded"}


async def test_a_platform_that_is_away_is_named_and_takes_nothing_else_with_it(serve: Serve) -> None:
    async with serve(platforms=lambda: {"telegram": "the token was revoked", "discord": True}) as site:
        answer = await site.http.get("/readyz")
        assert answer.status == 200
        assert (await answer.json())["status"] == "degraded"
        assert (await answer.json())["channels"] == {"telegram": "the token was revoked", "discord": True}


async def test_the_servers_channels_deliver_at_once(site: Site) -> None:
    assert [channel.name for channel in site.server.channels] == ["web", "api", "openai"]
    reply = Reply("c", "m", "hello", "chat", 1.0, "en")
    for channel in site.server.channels:
        assert await channel.deliver(Delivery("d", channel.name, "c", reply)) is None
