"""Sessions of the gateway: identify, resume, shards, intents and closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from adapters.playground.discord import DiscordServer, Intent
from tests.adapters.playground.discord.conftest import EchoClient, running, soon

Redirect = Callable[[DiscordServer], None]


class RawClient:
    """A gateway client without comfort, for what discord.py would never send."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, server: DiscordServer) -> None:
        self._socket = socket
        self._server = server

    async def send(self, opcode: int, data: Any) -> None:
        await self._socket.send_json({"op": opcode, "d": data})

    async def identify(self, **more: Any) -> None:
        await self.send(2, {"token": self._server.token, "intents": int(Intent.GUILDS), "properties": {}} | more)

    async def receive(self) -> dict[str, Any]:
        payload: dict[str, Any] = await self._socket.receive_json(timeout=5)
        return payload

    async def close(self) -> None:
        await self._socket.close()

    async def close_code(self) -> int:
        while (message := await self._socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE
        return int(message.data)


@asynccontextmanager
async def raw(server: DiscordServer, query: str = "v=10&encoding=json") -> AsyncIterator[RawClient]:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.gateway_url}?{query}") as socket:
        yield RawClient(socket, server)


async def test_reconnect_is_followed_by_a_resume_without_loss(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    server.gateway.reconnect()
    message = alice.write(alice.direct, "between")
    assert (await server.reply(message)).content == "between"
    assert server.gateway.counts["resume"] == 1
    assert server.gateway.counts["identify"] == 1


@pytest.mark.parametrize("end", [lambda gateway: gateway.close(4000), lambda gateway: gateway.drop()])
async def test_events_missed_while_away_are_replayed(
    server: DiscordServer, echo: EchoClient, end: Callable[[Any], None]
) -> None:
    alice = server.person("Alice")
    await server.reply(alice.write(alice.direct, "one"))
    end(server.gateway)
    await server.until(lambda: not server.gateway.sessions.connected)
    reply = await server.reply(alice.write(alice.direct, "two"), timeout=20)
    assert reply.content == "two"
    assert server.gateway.counts["identify"] == 1


async def test_an_invalid_session_begins_anew_and_its_events_are_lost(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    server.gateway.invalidate(resumable=False)
    lost = alice.write(alice.direct, "lost")
    await server.until(lambda: server.gateway.counts["identify"] == 2, timeout=20)
    await server.connected()
    reply = await server.reply(alice.write(alice.direct, "heard"), timeout=20)
    assert reply.content == "heard"
    assert [message.content for message in server.written_by_bot(alice.direct, lost)] == ["heard"]


async def test_a_resumable_invalid_session_is_resumed(server: DiscordServer, echo: EchoClient) -> None:
    server.gateway.invalidate(resumable=True)
    await server.until(lambda: server.gateway.counts["resume"] == 1)


async def test_the_server_starts_again_on_its_port_and_sessions_go_on(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    port = server.port
    await server.stop()
    message = alice.write(alice.direct, "written while away")
    await server.start()
    assert server.port == port
    assert (await server.reply(message, timeout=30)).content == "written while away"
    assert server.gateway.counts["resume"] == 1


async def test_an_event_can_be_delivered_twice(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    message = alice.write(alice.direct, "twice")
    await server.reply(message)
    server.redeliver(message)
    await server.until(lambda: len(server.written_by_bot(alice.direct)) == 2)


async def test_a_share_of_events_is_delivered_twice(server: DiscordServer, echo: EchoClient) -> None:
    server.gateway.sessions.repeat(1.0)
    alice = server.person("Alice")
    alice.write(alice.direct, "twice")
    await server.until(lambda: len(server.written_by_bot(alice.direct)) == 2)


async def test_a_handshake_can_be_refused(server: DiscordServer) -> None:
    server.gateway.refuses = True
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with raw(server):
            pass
    server.gateway.refuses = False
    async with raw(server) as client:
        assert (await client.receive())["op"] == 10


async def test_any_event_can_be_injected(server: DiscordServer, echo: EchoClient) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()

    @echo.event
    async def on_socket_event_type(name: str) -> None:
        told.put_nowait(name)

    server.inject("SOMETHING_NEW", {"odd": [None, {}]})
    assert await soon(told) == "SOMETHING_NEW"


async def test_a_bad_token_fails_the_log_in(server: DiscordServer, redirect: Redirect) -> None:
    redirect(server)
    async with discord.Client(intents=discord.Intents.default()) as client:
        with pytest.raises(discord.LoginFailure):
            await client.start("wrong")


async def test_a_missing_privilege_closes_with_4014(server: DiscordServer, redirect: Redirect) -> None:
    redirect(server)
    server.gateway.allowed_intents = Intent(0)
    async with discord.Client(intents=discord.Intents.all()) as client:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(server.token)


async def test_content_is_empty_without_its_intent_unless_direct_or_mentioned(
    server: DiscordServer, redirect: Redirect
) -> None:
    redirect(server)
    alice = server.person("Alice")
    channel = server.text_channel(server.guild("Shop", [alice]), "help")
    intents = discord.Intents.all()
    intents.message_content = False
    async with running(EchoClient(intents=intents), server):
        assert (await server.reply(alice.write(channel, "hidden"))).content == "(nothing)"
        assert (await server.reply(alice.mention(channel, "read me"))).content.endswith("read me")
        assert (await server.reply(alice.write(alice.direct, "direct"))).content == "direct"


async def test_events_without_their_intent_are_not_told(server: DiscordServer, redirect: Redirect) -> None:
    redirect(server)
    alice = server.person("Alice")
    channel = server.text_channel(server.guild("Shop", [alice]), "help")
    async with running(EchoClient(intents=discord.Intents(guilds=True, guild_messages=True)), server):
        alice.write(alice.direct, "unheard")
        await server.reply(alice.write(channel, "heard"))
    assert not server.written_by_bot(alice.direct)


async def test_guilds_are_told_to_their_shard(redirect: Redirect) -> None:
    async with DiscordServer(identify_seconds=0.0, max_concurrency=2) as server:
        redirect(server)
        server.gateway.recommended_shards = 2
        alice = server.person("Alice")
        channels = [server.text_channel(server.guild(f"Shop {each}", [alice]), "help") for each in range(3)]
        client = discord.AutoShardedClient(intents=discord.Intents.all())
        told: asyncio.Queue[discord.Message] = asyncio.Queue()

        @client.event
        async def on_message(message: discord.Message) -> None:
            told.put_nowait(message)

        async with running(client, server, shards=2):
            for channel in channels:
                alice.write(channel, "hi")
                message = await soon(told)
                assert message.guild is not None
                assert message.guild.shard_id == (int(message.guild.id) >> 22) % 2
            alice.write(alice.direct, "to shard 0")
            assert (await soon(told)).guild is None
        assert told.empty()


async def test_a_bot_that_is_thrown_out_forgets_the_guild(server: DiscordServer, echo: EchoClient) -> None:
    left: asyncio.Queue[discord.Guild] = asyncio.Queue()
    guild = server.guild("Shop")
    channel = server.text_channel(guild, "help")
    await server.reply(server.person("Alice").write(channel, "hi"))

    @echo.event
    async def on_guild_remove(guild: discord.Guild) -> None:
        left.put_nowait(guild)

    server.world.remove_guild(guild)
    assert (await soon(left)).name == "Shop"
    with pytest.raises(discord.NotFound) as gone:
        await echo.get_partial_messageable(int(channel.id)).send("still here?")
    assert gone.value.code == 10003


async def test_a_compressed_stream_is_understood(server: DiscordServer, echo: EchoClient) -> None:
    [connection] = server.gateway.connections
    assert connection.is_compressed


async def test_a_missed_heartbeat_closes_with_4000() -> None:
    async with DiscordServer(heartbeat_seconds=0.1) as server, raw(server) as client:
        assert (await client.receive())["d"]["heartbeat_interval"] == 100
        assert await client.close_code() == 4000


async def test_heartbeats_are_acknowledged_unless_switched_off(server: DiscordServer) -> None:
    async with raw(server) as client:
        await client.receive()
        await client.send(1, None)
        assert (await client.receive())["op"] == 11
        server.gateway.acknowledges_heartbeats = False
        await client.send(1, None)
        await client.identify()
        assert (await client.receive())["t"] == "READY"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"intents": 1 << 30}, 4013),
        ({"intents": None}, 4013),
    ],
)
async def test_a_wrong_identify_is_closed_with_its_code(server: DiscordServer, more: dict[str, Any], code: int) -> None:
    async with raw(server) as client:
        await client.receive()
        await client.identify(**more)
        assert await client.close_code() == code


async def test_misbehaviour_is_closed_with_its_code(server: DiscordServer) -> None:
    for opcode, code in ((99, 4001), (3, 4003)):
        async with raw(server) as client:
            await client.receive()
            await client.send(opcode, {})
            assert await client.close_code() == code
    async with raw(server, "v=6") as client:
        assert await client.close_code() == 4012


async def test_more_than_120_sends_a_minute_are_closed_with_4008(server: DiscordServer) -> None:
    async with raw(server) as client:
        await client.receive()
        for _ in range(121):
            await client.send(1, None)
        assert await client.close_code() == 4008
    assert server.gateway.counts["send limit"] == 1


async def test_identifying_twice_at_once_is_an_invalid_session() -> None:
    async with DiscordServer() as server:
        for expected in (0, 9):
            async with raw(server) as client:
                await client.receive()
                await client.identify()
                assert (await client.receive())["op"] == expected
        assert server.gateway.identifies.violations == {0: 1}


async def test_a_session_that_the_client_closed_cannot_be_resumed(server: DiscordServer) -> None:
    async with raw(server) as client:
        await client.receive()
        await client.identify()
        session = (await client.receive())["d"]["session_id"]
    await server.until(lambda: not server.gateway.connections)
    async with raw(server) as client:
        await client.receive()
        await client.send(6, {"token": server.token, "session_id": session, "seq": 1})
        assert await client.receive() == {"op": 9, "d": False}


async def test_a_session_is_taken_over_before_its_old_connection_is_noticed_as_lost(server: DiscordServer) -> None:
    async with raw(server) as old:
        await old.receive()
        await old.identify()
        session = (await old.receive())["d"]["session_id"]
        async with raw(server) as new:
            await new.receive()
            await new.send(6, {"token": server.token, "session_id": session, "seq": 1})
            assert (await new.receive())["t"] == "RESUMED"
            await old.close()
            await server.until(lambda: len(server.gateway.connections) == 1)
            server.guild("Shop")
            assert (await new.receive())["t"] == "GUILD_CREATE"


async def test_a_client_may_identify_again_after_its_session_became_invalid(server: DiscordServer) -> None:
    async with raw(server) as client:
        await client.receive()
        await client.identify()
        await client.receive()
        server.gateway.invalidate()
        assert await client.receive() == {"op": 9, "d": False}
        await client.identify()
        assert (await client.receive())["t"] == "READY"
