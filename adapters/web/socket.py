"""GET /ws: the widget's WebSocket. Text frames, each one JSON object with a `type`.

The client begins with `hello` and gets `welcome`; then it sends again what was never acknowledged, and
`resume` with the number of the last message it has. So nothing is lost and nothing appears twice:
a message is known by the id that its client made, a stored message by its number.

client  hello     {token?, restart?, language?}   token from an earlier welcome; restart asks for a new conversation
        message   {id, text, photos?}             id: made by the client, the same when it is sent again; photos: one
                                                  or two tokens from POST /photos, whose text may be empty
        resume    {after}                         sends `messages` above this number, now and from now on
        feedback  {message_id, score, comment?}   score 1 or -1
        passage   {id}                            the passage behind a citation
        ping      {}
server  welcome   {token, returning, name, greeting, suggestions, language, characters,
                   photo_bytes}
        ack       {id, message_id}                the message is stored and will be answered
        messages  {messages}                      stored messages in their order, of both sides
        resumed   {}                              all messages that were there have been sent
        delta     {text}                          words of the reply that is being made; `messages` has the truth
        quick_replies {message_id, texts}         what the customer may say next with one tap
        rated     {message_id, score}
        passage   {passage}
        error     {code, message, id?, retry_after?}  id: of the message or passage asked for; with retry_after
                                                  (seconds) the message may be sent again
        pong      {}
Close codes: 1008 broken rules, 1009 frame too large, 1012 the server restarts, 1013 too many connections.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from socket import SO_SNDBUF, SOL_SOCKET

from aiohttp import WSMsgType, web
from prometheus_client import CollectorRegistry, Counter, Gauge
from pydantic import ValidationError

from adapters.web.connection import Connection, Core, frame_bytes
from adapters.web.errors import Refusal
from adapters.web.frames import FRAME, Hello
from adapters.web.middleware import Origins
from adapters.web.options import WebOptions
from adapters.web.shapes import dump
from adapters.web.visitors import Visitor, Visitors

CLOSE_SECONDS = 2.0
KERNEL_BYTES = 64 * 1024
WRITER_BYTES = 8 * 1024
"""Events are sent one after the other once so much is on its way."""
UNCLEAN = (None, 1006)
"""Close codes of a line that broke: what is left of it would wait for ever for a client that does not read."""


class Sockets:
    """All open widgets of this process."""

    def __init__(
        self, options: WebOptions, origins: Origins, visitors: Visitors, core: Core, registry: CollectorRegistry
    ) -> None:
        self._options = options
        self._origins = origins
        self._visitors = visitors
        self._core = core
        self._open: set[web.WebSocketResponse] = set()
        self._connections: defaultdict[str, set[Connection]] = defaultdict(set)
        self._gauge = Gauge("parley_web_sockets", "Open widget connections", registry=registry)
        self._dropped = Counter("parley_web_sockets_dropped", "Connections cut for not reading", registry=registry)

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [web.get("/ws", self._serve)]

    def changed(self, conversation: str) -> None:
        """Wakes the sockets of a conversation."""
        for connection in self._connections.get(conversation, ()):
            connection.wake()

    async def close(self, app: web.Application) -> None:
        """Tells all clients that the server goes, so that they come back."""
        closing = (socket.close(code=1012, message=b"the server restarts") for socket in list(self._open))
        await asyncio.gather(*closing, return_exceptions=True)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if not self._origins.allows(request):
            raise Refusal(403, "origin_refused", "This page may not use this server (web.allowed_origins).")
        socket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS,
            heartbeat=self._options.heartbeat_seconds,
            max_msg_size=frame_bytes(self._options),
            writer_limit=WRITER_BYTES,
            compress=False,  # a zlib context for each connection costs more than these short texts
        )
        if not socket.can_prepare(request):
            raise Refusal(426, "websocket_expected", "This address speaks WebSocket.")
        await socket.prepare(request)
        _bound_buffers(request)
        if len(self._open) >= self._options.connections:
            await socket.close(code=1013, message=b"too many connections")
            return socket
        self._open.add(socket)
        self._gauge.set(len(self._open))
        try:
            await self._converse(request, socket)
        finally:
            if socket.close_code in UNCLEAN:
                _abort(request)
            self._open.discard(socket)
            self._gauge.set(len(self._open))
        return socket

    async def _converse(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        hello = await self._hello(socket)
        if hello is None:
            await socket.close(code=1008, message=b"hello expected")
            return
        known = self._visitors.recognise(hello.token) if hello.token else None
        visitor = known or self._visitors.new()
        if known and hello.restart:
            visitor = self._visitors.restarted(known)
        connection = Connection(
            socket, visitor, hello.language, self._core, self._options, self.changed, lambda: self._drop(request)
        )
        self._connections[visitor.conversation].add(connection)
        try:
            await socket.send_str(self._welcome(visitor, visitor == known))
            await connection.run()
        finally:
            self._forget(visitor.conversation, connection)

    async def _hello(self, socket: web.WebSocketResponse) -> Hello | None:
        try:
            frame = await socket.receive(timeout=self._options.hello_seconds)
            if frame.type is not WSMsgType.TEXT:
                return None
            hello = FRAME.validate_json(frame.data)
        except (TimeoutError, ValidationError):
            return None
        return hello if isinstance(hello, Hello) else None

    def _welcome(self, visitor: Visitor, returning: bool) -> str:
        options = self._options
        return dump(
            {
                "type": "welcome",
                "token": self._visitors.token(visitor),
                "returning": returning,
                "name": options.bot_name,
                "greeting": options.greeting,
                "suggestions": list(options.suggestions),
                "language": options.language,
                "characters": options.message_characters,
                "photo_bytes": options.attachment_bytes,
            }
        )

    def _forget(self, conversation: str, connection: Connection) -> None:
        connections = self._connections[conversation]
        connections.discard(connection)
        if not connections:
            del self._connections[conversation]

    def _drop(self, request: web.Request) -> None:
        """Cuts the line without a goodbye, which this client would not read either."""
        self._dropped.inc()
        _abort(request)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _bound_buffers(request: web.Request) -> None:
    """The kernel would otherwise keep megabytes for a client that does not read."""
    if request.transport is not None:
        request.transport.set_write_buffer_limits(WRITER_BYTES)
        request.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, KERNEL_BYTES)
