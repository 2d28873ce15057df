"""Bodies of any form are taken or refused with a documented code, never answered with a failure of the server."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.playground.discord import ApiError, DiscordServer
from adapters.playground.discord.clock import Snowflakes
from adapters.playground.discord.commands import Commands
from adapters.playground.discord.forms import read_changes, read_draft

SERVER = DiscordServer()
ALICE = SERVER.person("Alice")
MESSAGE = ALICE.write(ALICE.direct, "Hello")

KEYS = [
    *("content", "embeds", "components", "attachments", "allowed_mentions", "message_reference", "nonce", "flags"),
    *(
        "type",
        "custom_id",
        "label",
        "style",
        "url",
        "emoji",
        "title",
        "description",
        "fields",
        "name",
        "value",
        "parse",
    ),
    *("users", "roles", "options", "id", "filename", "footer", "text", "author", "image", "placeholder", "message_id"),
    *("name_localizations", "description_localizations", "required", "data", "archived", "auto_archive_duration"),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8)


def code_of(read: Callable[[], object]) -> int | None:
    """The code with which something is refused, None if it is taken."""
    try:
        read()
    except ApiError as error:
        return error.code
    return None


@given(OBJECTS)
def test_any_message_is_read_or_refused(body: dict[str, Any]) -> None:
    assert code_of(lambda: read_draft(body, (), ALICE.direct)) in (None, 50035, 50006)
    assert code_of(lambda: read_changes(body, MESSAGE)) in (None, 50035)


@given(st.lists(JSON, max_size=4))
def test_any_commands_are_registered_or_refused(bodies: list[Any]) -> None:
    commands = Commands(Snowflakes(SERVER.clock), SERVER.application_id)
    assert code_of(lambda: commands.replace(None, bodies)) in (None, 50035)


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ({"name": "Ask", "description": "x"}, ["0", "name"]),
        ({"name": "a b", "description": "x"}, ["0", "name"]),
        ({"name": "x" * 33, "description": "x"}, ["0", "name"]),
        ({"name": "ask"}, ["0", "description"]),
        ({"name": "ask", "description": "x" * 101}, ["0", "description"]),
        ({"name": "ask", "description": "x", "name_localizations": {"xx": "ask"}}, ["0", "name_localizations"]),
        ({"name": "ask", "description": "x", "name_localizations": {"zh": "问"}}, ["0", "name_localizations"]),
        (
            {
                "name": "ask",
                "description": "x",
                "options": [
                    {"type": 3, "name": "a", "description": "x"},
                    {"type": 3, "name": "b", "description": "x", "required": True},
                ],
            },
            ["0", "options"],
        ),
    ],
)
def test_a_wrong_command_is_named(command: dict[str, Any], path: list[str]) -> None:
    with pytest.raises(ApiError) as refused:
        Commands(Snowflakes(SERVER.clock), SERVER.application_id).replace(None, [command])
    place: Any = refused.value.errors
    for name in path:
        place = place[name]


def test_a_translated_command_is_taken() -> None:
    command = {
        "name": "ask",
        "description": "Asks",
        "name_localizations": {"zh-CN": "提问", "de": "frage"},
        "description_localizations": {"zh-CN": "问一个问题"},
    }
    [registered] = Commands(Snowflakes(SERVER.clock), SERVER.application_id).replace(None, [command])
    assert registered["name_localizations"]["zh-CN"] == "提问"


def anything(random: Random, depth: int = 3) -> Any:
    """Some JSON value with the field names of the API."""
    scalars = (None, True, 0, -1, 7, 1 << 70, 0.5, "", "x" * 200, "text", str(MESSAGE.id))
    match random.randrange(3 if depth else 1):
        case 1:
            return [anything(random, depth - 1) for _ in range(random.randrange(4))]
        case 2:
            return {random.choice(KEYS): anything(random, depth - 1) for _ in range(random.randrange(6))}
        case _:
            return random.choice(scalars)


async def test_no_body_makes_any_route_fail() -> None:
    random = Random(7)
    async with DiscordServer(enforce_limits=False) as server, aiohttp.ClientSession() as session:
        alice = server.person("Alice")
        channel = server.text_channel(server.guild("Shop", [alice]), "help")
        written = server.as_person(server.bot).write(channel, "Hello")
        token = {"Authorization": f"Bot {server.token}"}
        paths = [
            ("POST", f"/channels/{channel.id}/messages"),
            ("PATCH", f"/channels/{channel.id}/messages/{written.id}"),
            ("POST", f"/channels/{channel.id}/threads"),
            ("POST", f"/channels/{channel.id}/messages/{written.id}/threads"),
            ("PATCH", f"/channels/{channel.id}"),
            ("POST", "/users/@me/channels"),
            ("PUT", f"/applications/{server.application_id}/commands"),
            ("POST", f"/applications/{server.application_id}/commands"),
        ]
        for number in range(400):
            pressed = alice.press(written, "q:1")
            callback = ("POST", f"/interactions/{pressed.id}/{pressed.token}/callback")
            method, path = random.choice([*paths, callback])
            body = anything(random)
            async with session.request(method, f"{server.api_base_url}{path}", json=body, headers=token) as response:
                assert response.status < 500, (number, method, path, body)
