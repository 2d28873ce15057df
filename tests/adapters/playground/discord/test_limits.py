"""Buckets, the global limit, and failures on demand, as discord.py meets them."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import discord
import pytest

from adapters.playground.discord import DiscordServer, Fault, Rule
from adapters.playground.discord.clock import Clock
from adapters.playground.discord.faults import Faults
from adapters.playground.discord.limits import RateLimits
from tests.adapters.playground.discord.conftest import EchoClient

SEND = "POST /channels/{channel_id}/messages"


def test_headers_count_down_and_the_next_request_waits() -> None:
    limits = RateLimits(Clock(), rules={SEND: Rule(2, 5.0)})
    first, second, third = (limits.take(SEND, "1", is_global=True) for _ in range(3))
    assert [each.headers["X-RateLimit-Remaining"] for each in (first, second, third)] == ["1", "0", "0"]
    assert first.retry_after is None
    assert third.retry_after == pytest.approx(5.0, abs=0.1)
    assert third.scope == "user"
    assert limits.violations == {SEND: 1}


def test_each_channel_has_its_own_bucket_which_ends() -> None:
    clock = Clock()
    limits = RateLimits(clock, rules={SEND: Rule(1, 5.0)})
    assert limits.take(SEND, "1", is_global=True).retry_after is None
    assert limits.take(SEND, "2", is_global=True).retry_after is None
    clock.advance(5.1)
    assert limits.take(SEND, "1", is_global=True).retry_after is None


def test_the_fifty_first_request_of_a_second_is_refused_but_not_of_interactions() -> None:
    limits = RateLimits(Clock(), rules={})
    assert all(limits.take(SEND, str(each), is_global=True).retry_after is None for each in range(50))
    assert limits.take(SEND, "51", is_global=True).scope == "global"
    assert limits.take("POST /interactions", "52", is_global=False).retry_after is None


def test_without_enforcement_violations_are_counted_only() -> None:
    limits = RateLimits(Clock(), enforced=False, rules={SEND: Rule(1, 5.0)})
    assert [limits.take(SEND, "1", is_global=True).retry_after for _ in range(3)] == [None] * 3
    assert limits.violations == {SEND: 2}


def test_without_enforcement_every_request_beyond_the_global_limit_counts() -> None:
    limits = RateLimits(Clock(), enforced=False, rules={}, global_requests=50)
    for each in range(120):
        limits.take(SEND, str(each), is_global=True)
    assert limits.violations == {"global": 70}


async def test_discord_py_keeps_to_the_buckets(server: DiscordServer, echo: EchoClient) -> None:
    server.limits.rules[SEND] = Rule(2, 0.4)
    alice = server.person("Alice")
    channel = echo.get_partial_messageable(int(alice.direct.id))
    began = time.monotonic()
    for number in range(5):
        await channel.send(str(number))
    assert time.monotonic() - began > 0.6
    assert not server.limits.violations


async def test_discord_py_waits_after_a_429(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    server.faults.next(Fault("rate limit", retry_after=0.2, route=SEND))
    await echo.get_partial_messageable(int(alice.direct.id)).send("in the end")
    statuses = [(each.status, each.fault) for each in server.requests.of(SEND)]
    assert statuses == [(429, "rate limit"), (200, None)]


async def test_a_429_has_the_headers_and_the_body_of_the_platform(server: DiscordServer) -> None:
    server.faults.next(Fault("rate limit", retry_after=1.5, scope="global"))
    async with aiohttp.ClientSession() as session, session.get(f"{server.api_base_url}/gateway") as response:
        assert response.status == 429
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Via"]
        assert (response.headers["Retry-After"], response.headers["X-RateLimit-Scope"]) == ("2", "global")
        body = {"message": "You are being rate limited.", "retry_after": 1.5, "global": True}
        assert await response.json() == body


async def test_an_answer_that_is_lost_after_its_effect_does_not_double_with_a_nonce(
    server: DiscordServer, echo: EchoClient
) -> None:
    alice = server.person("Alice")
    server.faults.next(Fault("error", status=502, after_effect=True, route=SEND))
    await echo.get_partial_messageable(int(alice.direct.id)).send("once", nonce="reply-7-0")
    assert [each.status for each in server.requests.of(SEND)] == [502, 200]
    assert len(server.written_by_bot(alice.direct)) == 1


async def test_a_cut_connection_is_an_error_of_the_client(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    server.faults.next(Fault("reset", route=SEND))
    with pytest.raises(aiohttp.ClientError):
        await echo.get_partial_messageable(int(alice.direct.id)).send("lost")
    assert not server.written_by_bot(alice.direct)
    assert [each.status for each in server.requests.of(SEND)] == [0]


async def test_a_slow_answer_comes_late(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    server.faults.next(Fault("slow", seconds=0.2, route=SEND))
    sending = asyncio.create_task(echo.get_partial_messageable(int(alice.direct.id)).send("late"))
    assert (await sending).content == "late"
    [request] = server.requests.of(SEND)
    assert (request.status, request.fault) == (200, "slow")


async def test_a_request_that_fails_before_its_effect_counts_in_no_bucket(
    server: DiscordServer, echo: EchoClient
) -> None:
    server.limits.rules[SEND] = Rule(1, 60.0)
    server.faults.next(Fault("rate limit", retry_after=0.1, route=SEND))
    person = server.person("Ann")
    await server.reply(person.write(person.direct, "hello"))
    assert [each.status for each in server.requests.of(SEND)] == [429, 200]
    assert not server.limits.violations


def test_a_share_of_faults_is_the_same_for_the_same_seed() -> None:
    def drawn() -> list[bool]:
        faults = Faults()
        faults.share(Fault("error", route=SEND), 0.1, seed=3)
        return [faults.draw(SEND) is not None for _ in range(1000)]

    first = drawn()
    assert first == drawn()
    assert 60 < sum(first) < 140


async def test_a_client_that_meets_only_errors_gives_up(server: DiscordServer, echo: EchoClient) -> None:
    alice = server.person("Alice")
    server.faults.next(Fault("error", status=503, route=SEND))
    with pytest.raises(discord.DiscordServerError):
        await echo.get_partial_messageable(int(alice.direct.id)).send("x")
