"""The gateway: which bot may connect, and what its connections are told or made to suffer."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from typing import Any

from aiohttp import web

from adapters.playground.discord.connection import CloseCode, Closed, Connection
from adapters.playground.discord.events import KNOWN_INTENTS, PRIVILEGED, Event, Intent
from adapters.playground.discord.model import Json
from adapters.playground.discord.payloads import member_payload, user_payload
from adapters.playground.discord.sessions import Identifies, Session, Sessions
from adapters.playground.discord.world import World

GUILDS_A_SHARD = 2500
PRIVILEGED_FLAGS = {Intent.GUILD_PRESENCES: 1 << 13, Intent.GUILD_MEMBERS: 1 << 15, Intent.MESSAGE_CONTENT: 1 << 19}


class Gateway:
    """Sessions and connections. `allowed_intents` are the privileged ones that the portal has switched on."""

    def __init__(
        self,
        world: World,
        token: str,
        *,
        heartbeat_seconds: float = 41.25,
        max_concurrency: int = 1,
        identify_seconds: float = 5.0,
    ) -> None:
        self.url = ""
        self.allowed_intents: Intent = PRIVILEGED
        self.recommended_shards = 1
        self.heartbeat_seconds = heartbeat_seconds
        self.acknowledges_heartbeats = True
        self.refuses = False
        """Whether handshakes fail, as while the platform is out."""
        self.identifies = Identifies(world.clock, max_concurrency, identify_seconds)
        self.sessions = Sessions(world.clock)
        self.connections: set[Connection] = set()
        self.counts: Counter[str] = Counter()
        """How often: `identify`, `resume`, `invalid session`, `send limit`, `refused`, `drop`, `close CODE`."""
        self._world = world
        self._token = token
        world.listeners.append(self.sessions.tell)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket's handler."""
        if self.refuses:
            self.counts["refused"] += 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=65536, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, self, self._world.clock, zlib=request.query.get("compress") == "zlib-stream")
        self.connections.add(connection)
        try:
            await connection.run(request.query)
        finally:
            self.connections.discard(connection)
            if connection.session:
                self._leave(connection, connection.session)
            self._world.changes.note()
        return socket

    def _leave(self, connection: Connection, session: Session) -> None:
        """A client that closes with 1000 or 1001 gives its session up, unless it goes on elsewhere already."""
        if session.send != connection.send_text:
            return
        self.sessions.detach(session)
        if connection.closed_by_client in (1000, 1001):
            self.sessions.end(session)

    def identify(self, connection: Connection, data: Json) -> None:
        """Begins a session; raises Closed with the documented code when the bot may not."""
        self._check_token(data)
        intents, (shard, shards) = self._intents(data), self._shard(data)
        if not self.identifies.take(shard):
            self.refuse_session(connection, resumable=False)
            return
        self.counts["identify"] += 1
        session = Session(secrets.token_hex(16), intents, shard, shards)
        self._attach(connection, session)
        self.sessions.add(session)
        session.dispatch("READY", self._ready(session))
        for guild in tuple(self._world.guilds.values()):
            session.tell(Event("GUILD_CREATE", self._world.guild_create(guild), guild, Intent.GUILDS))
        self._world.changes.note()

    def resume(self, connection: Connection, data: Json) -> None:
        """Replays what a session has missed; one that cannot be resumed is invalid."""
        self._check_token(data)
        session = self.sessions.find(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is not None and isinstance(sequence, int) and sequence > session.sequence:
            raise Closed(CloseCode.INVALID_SEQUENCE)
        missed = session.missed_since(sequence) if session and isinstance(sequence, int) else None
        if session is None or missed is None:
            self.refuse_session(connection, resumable=False)
            return
        self.counts["resume"] += 1
        for frame in missed:
            connection.send_text(frame)
        self._attach(connection, session)
        session.dispatch("RESUMED", {"_trace": []})
        self._world.changes.note()

    def refuse_session(self, connection: Connection, *, resumable: bool) -> None:
        """Opcode 9; a session that is not resumable is gone, with what it would have been told."""
        self.counts["invalid session"] += 1
        session, connection.session = connection.session, None
        if session and resumable:
            self.sessions.detach(session)
        elif session:
            self.sessions.end(session)
        connection.send({"op": 9, "d": resumable})

    def send_members(self, session: Session, data: Json) -> None:
        """GUILD_MEMBERS_CHUNK for opcode 8."""
        guild = self._world.guilds.get(str(data.get("guild_id")))
        if guild is None:
            return
        wanted, query = data.get("user_ids"), str(data.get("query") or "").lower()
        chosen = [str(each) for each in (wanted if isinstance(wanted, list) else [wanted])] if wanted else None
        found = [
            user
            for user in guild.members.values()
            if (user.id in chosen if chosen is not None else user.name.lower().startswith(query))
        ]
        members = [member_payload(user, guild) for user in found[: data.get("limit") or 1000]]
        chunk: Json = {"guild_id": guild.id, "members": members, "chunk_index": 0, "chunk_count": 1, "not_found": []}
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if "nonce" in data else {}))

    def reconnect(self) -> None:
        """Asks every connection to reconnect and resume (opcode 7)."""
        for connection in tuple(self.connections):
            connection.send({"op": 7, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Declares every session invalid (opcode 9)."""
        for connection in tuple(self.connections):
            self.refuse_session(connection, resumable=resumable)

    def close(self, code: int) -> None:
        """Closes every connection with a code."""
        for connection in tuple(self.connections):
            connection.close(code)

    def drop(self) -> None:
        """Cuts every connection without a word."""
        for connection in tuple(self.connections):
            connection.abort()

    def application_payload(self) -> Json:
        """The application, with flags for its privileged intents."""
        bot, owner = self._world.bot, self._world.owner
        return {
            "id": bot.id,
            "name": bot.name,
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": self._flags(),
            "owner": user_payload(owner),
            "team": None,
            "bot": user_payload(bot),
            "approximate_guild_count": len(self._world.guilds),
        }

    def _flags(self) -> int:
        return sum(flag for intent, flag in PRIVILEGED_FLAGS.items() if intent & self.allowed_intents)

    def _attach(self, connection: Connection, session: Session) -> None:
        connection.session = session
        session.send, session.detached_at = connection.send_text, None

    def _ready(self, session: Session) -> Json:
        bot = self._world.bot
        guilds = [
            each for each in self._world.guilds.values() if (int(each.id) >> 22) % session.shards == session.shard
        ]
        return {
            "v": 10,
            "user": user_payload(bot) | {"mfa_enabled": False, "verified": True, "email": None, "flags": 0},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": [session.shard, session.shards],
            "application": {"id": bot.id, "flags": self._flags()},
            "private_channels": [],
            "session_type": "normal",
            "_trace": [json.dumps(["playground"])],
        }

    def _check_token(self, data: Json) -> None:
        if str(data.get("token")).removeprefix("Bot ") != self._token:
            raise Closed(CloseCode.AUTHENTICATION_FAILED)

    def _intents(self, data: Json) -> int:
        intents: Any = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            raise Closed(CloseCode.INVALID_INTENTS)
        if intents & PRIVILEGED & ~self.allowed_intents:
            raise Closed(CloseCode.DISALLOWED_INTENTS)
        return intents

    def _shard(self, data: Json) -> tuple[int, int]:
        match data.get("shard", [0, 1]):
            case [int(shard), int(shards)] if 0 <= shard < shards:
                pass
            case _:
                raise Closed(CloseCode.INVALID_SHARD)
        if len(self._world.guilds) > GUILDS_A_SHARD * shards:
            raise Closed(CloseCode.SHARDING_REQUIRED)
        return shard, shards
