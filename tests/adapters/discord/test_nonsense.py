"""Whatever Discord tells, the channel goes on."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.discord.origin import Origin
from adapters.discord.outgoing import payloads
from adapters.playground.discord import DiscordServer
from adapters.playground.discord.events import Event
from tests.adapters.discord.examples import Place, ask, connected, running

VALUES: tuple[Any, ...] = (
    None,
    0,
    -1,
    2**70,
    1.5,
    True,
    "",
    "text",
    "9" * 30,
    "\ud800",
    [],
    {},
    [[]],
    [None],
    {"id": 1},
)
KINDS = (
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_REACTION_ADD",
    "INTERACTION_CREATE",
    "GUILD_CREATE",
    "GUILD_DELETE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "THREAD_CREATE",
    "THREAD_LIST_SYNC",
    "TYPING_START",
    "PRESENCE_UPDATE",
    "VOICE_STATE_UPDATE",
    "A_NEW_KIND",
    "",
)
FRAMES = (
    "", "[]", '"text"', '{"op": 0, "t": [], "s": 1}', '{"op": 10, "d": null}',
    '{"op": 0, "t": "READY", "s": 1, "d": {}}', '{"op": 0, "t": "MESSAGE_CREATE", "s": "x"}',
)  # fmt: skip


def changed(value: Any, chance: random.Random) -> Any:
    """The value with something missing, added, or of another type, at some depth."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        what = chance.randrange(4)
        if what == 0:
            return {name: each for name, each in value.items() if name != key}
        if what == 1:
            return value | {"extra": chance.choice(VALUES)}
        return value | {key: changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], changed(value[place], chance), *value[place + 1 :]]
    return chance.choice(VALUES)


async def examples_of(server: DiscordServer) -> list[Event]:
    """Well-formed events of many kinds."""
    told: list[Event] = []
    server.world.listeners.append(told.append)
    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    first = anna.mention(channel, "hello")
    anna.write(channel, "and?", answers=first)
    anna.edit(anna.write(anna.direct, "hello"), "hello again")
    anna.react(first, "👍")
    anna.use_command(channel, "ask", question="?")
    anna.start_typing(channel)
    server.world.listeners.remove(told.append)
    return told


async def test_ten_thousand_events_of_nonsense_do_not_end_it(server: DiscordServer, place: Place) -> None:
    chance, anna = random.Random(3), server.person("Ben")
    async with running(server, place, queue_limit=100_000) as bot:
        await connected(bot)
        told = await examples_of(server)
        with structlog.testing.capture_logs() as lines:
            for number in range(10_000):
                event = chance.choice(told)
                name = chance.choice(KINDS) if chance.random() < 0.2 else event.name
                data = changed(event.data, chance)
                server.inject(name, data if chance.random() < 0.98 else chance.choice(VALUES))
                if number % 100 == 0:
                    server.inject(event.name, event.data)
                    await asyncio.sleep(0)
            assert (await ask(server, anna, "still there?")).content == "You said: still there?"
        assert bot.status.connections == 1
    assert len(lines) < 11_000


@pytest.mark.usefixtures("prompt")
async def test_broken_frames_are_survived(server: DiscordServer, place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        await ask(server, anna, "hello")
        for number, frame in enumerate(FRAMES):
            await connected(bot)
            await server.connected()
            session = server.gateway.sessions.connected[0]
            assert session.send
            session.send(frame)
            assert (await ask(server, anna, f"after {number}")).content == f"You said: after {number}"


@given(st.text())
def test_any_pressed_id_is_ours_or_nothing(custom_id: str) -> None:
    pressed = payloads.pressed(custom_id)
    assert pressed is None or pressed[0] in ("q", "s", "o")


@given(st.text(max_size=80), st.integers(0, 99))
def test_a_nonce_is_short_and_of_its_part_alone(key: str, part: int) -> None:
    assert len(payloads.nonce(key, part)) <= 25
    assert payloads.nonce(key, part) == payloads.nonce(key, part)
    assert payloads.nonce(key, part) != payloads.nonce(key, part + 1)


@given(st.builds(Origin, channel=st.text(), message=st.text(), token=st.text(), private=st.booleans()))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_an_origin_comes_back_as_it_was(origin: Origin) -> None:
    assert Origin.decode(origin.encode()) == origin
    assert json.loads(origin.encode()) is not None
