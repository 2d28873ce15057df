"""One WebSocket of the gateway: opcodes in, frames out, heartbeats watched."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import deque
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from adapters.playground.discord.clock import Clock
from adapters.playground.discord.model import Json
from adapters.playground.discord.sessions import Session

if TYPE_CHECKING:
    from adapters.playground.discord.gateway import Gateway

SENDS = 120
SEND_SECONDS = 60.0
MISSED_AFTER = 1.5
"""Heartbeat intervals without a heartbeat until the connection is closed."""
QUEUE = 20_000
CLOSE_SECONDS = 2.0


class CloseCode(IntEnum):
    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Closed(Exception):
    """The server closes the connection with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Connection:
    """Lives from HELLO to the close; its session may be resumed by another one."""

    def __init__(self, socket: web.WebSocketResponse, gateway: Gateway, clock: Clock, *, zlib: bool) -> None:
        self.session: Session | None = None
        self.closed_by_client: int | None = None
        self._socket = socket
        self._gateway = gateway
        self._clock = clock
        self._frames: asyncio.Queue[str | Closed] = asyncio.Queue(QUEUE)
        self._received: deque[float] = deque(maxlen=SENDS)
        self._compressor = _Compressor() if zlib else None
        self._heard_at = asyncio.get_running_loop().time()

    async def run(self, query: Mapping[str, str]) -> None:
        """Until either side closes."""
        writer = asyncio.create_task(self._write())
        self.send({"op": 10, "d": {"heartbeat_interval": int(self._gateway.heartbeat_seconds * 1000), "_trace": []}})
        try:
            if query.get("v", "10") != "10" or query.get("encoding", "json") != "json":
                raise Closed(CloseCode.INVALID_VERSION)
            await self._read()
        except Closed as closed:
            self.close(closed.code)
            await asyncio.wait({writer}, timeout=2 * CLOSE_SECONDS)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    @property
    def is_compressed(self) -> bool:
        """Whether the client asked for `zlib-stream`."""
        return self._compressor is not None

    def send(self, payload: Json) -> None:
        self.send_text(json.dumps(payload))

    def send_text(self, frame: str) -> None:
        """Queues a frame; a client that reads too slowly is cut off."""
        self._put(frame)

    def close(self, code: int) -> None:
        """After the frames that are queued already."""
        self._gateway.counts[f"close {code}"] += 1
        self._put(Closed(code))

    def abort(self) -> None:
        """Cuts the connection without a close frame."""
        self._gateway.counts["drop"] += 1
        if transport := self._socket.get_extra_info("transport"):
            transport.abort()
        else:
            self._put(Closed(CloseCode.UNKNOWN_ERROR))

    def _put(self, frame: str | Closed) -> None:
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.abort()

    async def _write(self) -> None:
        while not isinstance(frame := await self._frames.get(), Closed):
            try:
                await self._send(frame)
            except ConnectionError:
                return
        async with asyncio.timeout(CLOSE_SECONDS):
            await self._socket.close(code=frame.code)

    async def _send(self, frame: str) -> None:
        if self._compressor:
            await self._socket.send_bytes(self._compressor.compress(frame))
        else:
            await self._socket.send_str(frame)

    async def _read(self) -> None:
        while True:
            try:
                frame = await self._socket.receive(timeout=self._patience())
            except TimeoutError:
                raise Closed(CloseCode.UNKNOWN_ERROR) from None
            if frame.type is WSMsgType.CLOSE:
                self.closed_by_client = frame.data
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            self._count_send()
            self._handle(_decode(frame.data))

    def _patience(self) -> float:
        """Seconds in which a heartbeat must come."""
        until = self._heard_at + MISSED_AFTER * self._gateway.heartbeat_seconds
        return max(0.001, until - asyncio.get_running_loop().time())

    def _count_send(self) -> None:
        now = self._clock.now()
        if len(self._received) == SENDS and self._received[0] > now - SEND_SECONDS:
            self._gateway.counts["send limit"] += 1
            raise Closed(CloseCode.RATE_LIMITED)
        self._received.append(now)

    def _handle(self, payload: Json) -> None:
        data = payload.get("d")
        match payload.get("op"):
            case 1:
                self._heard_at = asyncio.get_running_loop().time()
                if self._gateway.acknowledges_heartbeats:
                    self.send({"op": 11})
            case 2 | 6 if self.session:
                raise Closed(CloseCode.ALREADY_AUTHENTICATED)
            case 2:
                self._gateway.identify(self, _object(data))
            case 6:
                self._gateway.resume(self, _object(data))
            case 3 | 4 | 8 | 31 if self.session is None:
                raise Closed(CloseCode.NOT_AUTHENTICATED)
            case 8:
                assert self.session is not None
                self._gateway.send_members(self.session, _object(data))
            case 3 | 4 | 31:
                pass
            case _:
                raise Closed(CloseCode.UNKNOWN_OPCODE)


class _Compressor:
    """`zlib-stream`: one stream for the whole connection, flushed after each frame."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def compress(self, frame: str) -> bytes:
        return self._stream.compress(frame.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


def _decode(frame: str | bytes) -> Json:
    try:
        return _object(json.loads(frame))
    except ValueError:
        raise Closed(CloseCode.DECODE_ERROR) from None


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise Closed(CloseCode.DECODE_ERROR)
    return value
