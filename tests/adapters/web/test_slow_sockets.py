"""Clients that open a socket and read nothing: no memory grows, nobody else waits, and they are cut off."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.adapters.web.site import Serve, Site
from tests.adapters.web.widget import Widget, visit

SOCKETS = 500
MEGABYTE = 2**20


class Mute:
    """A raw WebSocket client that asks for everything and reads nothing after the handshake."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(30)
        self._socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        assert self._socket.recv(12) == b"HTTP/1.1 101"
        self.send({"type": "hello", "token": token})
        self.send({"type": "resume", "after": 0})

    def send(self, event: dict[str, object]) -> None:
        payload = json.dumps(event).encode()
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self._socket.sendall(b"\x81" + length + bytes(4) + payload)

    def ask_often(self, times: int) -> None:
        for _ in range(times):
            self.send({"type": "ping"})

    def close(self) -> None:
        self._socket.close()


@asynccontextmanager
async def mute_clients(count: int, site: Site, token: str) -> AsyncIterator[list[Mute]]:
    """Connected from a thread, because the server's loop must go on."""
    clients: list[Mute] = []
    try:
        await asyncio.to_thread(
            lambda: clients.extend(Mute(site.server.port, token) for _ in range(count)),
        )
        yield clients
    finally:
        for client in clients:
            client.close()


def resident_bytes() -> int:
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


async def talk(widget: Widget, characters: int, messages: int) -> float:
    """The longest that one of the replies took, in seconds."""
    longest = 0.0
    for number in range(messages):
        began = time.perf_counter()
        await widget.say(f"{number} " + "x" * characters)
        await widget.reply()
        longest = max(longest, time.perf_counter() - began)
    return longest


async def test_500_sockets_that_read_nothing_cost_little_and_slow_nobody(serve: Serve) -> None:
    serving = serve(message_characters=20_000, messages_per_minute=10_000, heartbeat_seconds=600)
    async with serving as site, visit(site) as widget, visit(site) as stranger:
        await talk(widget, 20_000, 2)
        async with mute_clients(SOCKETS, site, widget.token):
            await site.metric_becomes(f"parley_web_sockets {SOCKETS + 2}.0")
            before = resident_bytes()
            await talk(widget, 20_000, 12)  # kept for each of them this would be 240 MB
            assert resident_bytes() - before < 100 * MEGABYTE
            assert await talk(stranger, 10, 5) < 5


async def test_a_client_that_reads_nothing_is_cut_off_by_the_heartbeat(serve: Serve) -> None:
    async with serve(heartbeat_seconds=2) as site, visit(site) as widget:
        reading = asyncio.create_task(widget.closed())
        async with mute_clients(3, site, widget.token):
            await site.metric_becomes("parley_web_sockets 1.0")
            assert not reading.done()
            reading.cancel()


async def test_a_client_that_asks_much_and_reads_nothing_is_cut_off(serve: Serve) -> None:
    async with serve(heartbeat_seconds=600) as site, visit(site) as widget, mute_clients(1, site, widget.token) as mute:
        await asyncio.to_thread(mute[0].ask_often, 200)
        await site.metric_becomes("parley_web_sockets 1.0")
