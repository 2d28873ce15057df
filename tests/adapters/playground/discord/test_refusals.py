"""What the platform refuses, with its codes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from adapters.playground.discord import Channel, DiscordServer, Permission, Person

Answer = tuple[int, Any]


class Api:
    """A plain HTTP client with the bot's token."""

    def __init__(self, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self._server = server
        self._session = session

    async def __call__(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        headers = {"Authorization": f"Bot {token or self._server.token}"}
        url = f"{self._server.api_base_url}{path}"
        async with self._session.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json() if response.status != 204 else None


@pytest.fixture
async def api(server: DiscordServer) -> AsyncIterator[Api]:
    server.limits.rules.clear()
    async with aiohttp.ClientSession() as session:
        yield Api(server, session)


@pytest.fixture
def alice(server: DiscordServer) -> Person:
    return server.person("Alice")


@pytest.fixture
def channel(server: DiscordServer, alice: Person) -> Channel:
    return server.text_channel(server.guild("Shop", [alice]), "help")


def button(**fields: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Yes", "custom_id": "yes"} | fields


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(buttons)}


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"content": "x" * 2001}, ["content"], "BASE_TYPE_MAX_LENGTH"),
        ({"content": 5}, ["content"], "BASE_TYPE_STRING"),
        ({"content": "x", "nonce": "n" * 26}, ["nonce"], "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 4097}]}, ["embeds", "0", "description"], "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, ["embeds"], "MAX_EMBED_SIZE_EXCEEDED"),
        ({"embeds": [{"title": "x"}] * 11}, ["embeds"], "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"fields": [{"name": "a"}]}]}, ["embeds", "0", "fields", "0", "value"], "BASE_TYPE_REQUIRED"),
        ({"embeds": [{"url": "nowhere"}]}, ["embeds", "0", "url"], "URL_TYPE_INVALID_URL"),
        ({"components": [row(button())] * 6}, ["components"], "BASE_TYPE_MAX_LENGTH"),
        ({"components": [row()]}, ["components", "0", "components"], "BASE_TYPE_BAD_LENGTH"),
        (
            {"components": [row(button(custom_id="x" * 101))]},
            ["components", "0", "components", "0", "custom_id"],
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"components": [row(button(label="x" * 81))]},
            ["components", "0", "components", "0", "label"],
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"components": [row(button(), button())]},
            ["components", "0", "components", "1", "custom_id"],
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            {"components": [row(button(style=5, custom_id=None))]},
            ["components", "0", "components", "0", "url"],
            "BASE_TYPE_REQUIRED",
        ),
        ({"components": [{"type": 99}]}, ["components", "0", "type"], "BASE_TYPE_CHOICES"),
        ({"content": "x", "message_reference": {"message_id": "1"}}, ["message_reference"], "REPLIES_UNKNOWN_MESSAGE"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            ["allowed_mentions"],
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
    ],
)
async def test_a_wrong_field_is_named(
    api: Api, alice: Person, body: dict[str, Any], path: list[str], code: str
) -> None:
    status, answer = await api("POST", f"/channels/{alice.direct.id}/messages", body)
    assert (status, answer["code"]) == (400, 50035)
    place = answer["errors"]
    for name in path:
        place = place[name]
    assert place["_errors"][0]["code"] == code
    assert not alice.direct.messages


async def test_what_fits_exactly_is_taken(api: Api, alice: Person) -> None:
    body = {
        "content": "x" * 2000,
        "components": [row(*(button(custom_id=f"{at}{part}".ljust(100)) for part in range(5))) for at in range(5)],
        "embeds": [{"description": "x" * 4096}, {"description": "x" * 1904}],
    }
    status, _ = await api("POST", f"/channels/{alice.direct.id}/messages", body)
    assert status == 200


async def test_an_empty_message_is_refused(api: Api, alice: Person) -> None:
    status, answer = await api("POST", f"/channels/{alice.direct.id}/messages", {"content": "  "})
    assert (status, answer["code"]) == (400, 50006)


async def test_a_message_cannot_be_edited_to_nothing(api: Api, alice: Person) -> None:
    path = f"/channels/{alice.direct.id}/messages"
    _, sent = await api("POST", path, {"content": "x"})
    status, answer = await api("PATCH", f"{path}/{sent['id']}", {"content": ""})
    assert (status, answer["code"]) == (400, 50006)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/channels/1", 10003),
        ("GET", "/channels/{direct}/messages/1", 10008),
        ("GET", "/users/1", 10013),
        ("GET", "/guilds/1", 10004),
        ("POST", "/interactions/1/token/callback", 10062),
        ("GET", "/nothing/here", 0),
    ],
)
async def test_what_is_not_there_is_404(api: Api, alice: Person, method: str, path: str, code: int) -> None:
    status, answer = await api(method, path.format(direct=alice.direct.id))
    assert (status, answer["code"]) == (404, code)


async def test_a_wrong_token_is_401_and_counts_as_invalid(api: Api, server: DiscordServer) -> None:
    assert await api("GET", "/users/@me", token="wrong") == (401, {"message": "401: Unauthorized", "code": 0})
    assert server.limits.invalid == {401: 1}


async def test_ten_thousand_invalid_requests_are_a_ban(api: Api, server: DiscordServer) -> None:
    for _ in range(10_000):
        server.limits.count_invalid(401)
    async with aiohttp.ClientSession() as session, session.get(f"{server.api_base_url}/gateway") as response:
        assert response.status == 429
        assert "Via" not in response.headers
    server.clock.advance(601)
    assert (await api("GET", "/gateway"))[0] == 200


async def test_a_user_who_blocks_the_bot_is_403(api: Api, alice: Person) -> None:
    alice.block_bot()
    status, answer = await api("POST", f"/channels/{alice.direct.id}/messages", {"content": "x"})
    assert (status, answer["code"]) == (403, 50007)
    alice.block_bot(False)
    assert (await api("POST", f"/channels/{alice.direct.id}/messages", {"content": "x"}))[0] == 200


@pytest.mark.parametrize(("denied", "code"), [(Permission.SEND_MESSAGES, 50013), (Permission.VIEW_CHANNEL, 50001)])
async def test_missing_rights_are_403(api: Api, channel: Channel, denied: Permission, code: int) -> None:
    channel.denied = denied
    status, answer = await api("POST", f"/channels/{channel.id}/messages", {"content": "x"})
    assert (status, answer["code"]) == (403, code)


async def test_messages_of_others_cannot_be_edited(api: Api, alice: Person) -> None:
    message = alice.write(alice.direct, "mine")
    status, answer = await api("PATCH", f"/channels/{alice.direct.id}/messages/{message.id}", {"content": "yours"})
    assert (status, answer["code"]) == (403, 50005)


async def test_broken_json_and_too_large_files(api: Api, server: DiscordServer, alice: Person) -> None:
    url = f"{server.api_base_url}/channels/{alice.direct.id}/messages"
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as response:
            assert (response.status, (await response.json())["code"]) == (400, 50109)
        form = aiohttp.FormData()
        form.add_field("files[0]", b"x" * (10 * 1024 * 1024 + 1), filename="large.bin")
        async with session.post(url, data=form) as response:
            assert (response.status, (await response.json())["code"]) == (413, 40005)


async def test_errors_are_recorded_in_order(api: Api, server: DiscordServer, alice: Person) -> None:
    await api("POST", f"/channels/{alice.direct.id}/messages", {"content": "x"})
    await api("POST", f"/channels/{alice.direct.id}/messages", {"content": ""})
    sent = server.requests.of("POST /channels/{channel_id}/messages")
    assert [(each.status, each.code, each.body) for each in sent] == [
        (200, None, {"content": "x"}),
        (400, 50006, {"content": ""}),
    ]
