"""Requests in all the forms that the documentation allows, and whatever else may come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import NetworkError

from adapters.playground.telegram import Person, Sizes, TelegramServer
from adapters.playground.telegram.methods import METHODS
from tests.adapters.playground.telegram.conftest import bot_of


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


async def answer(response: aiohttp.ClientResponse) -> tuple[int, dict[str, Any]]:
    return response.status, await response.json()


def form(chat_id: int) -> aiohttp.FormData:
    """A multipart form."""
    form = aiohttp.FormData({"chat_id": str(chat_id), "text": "Hello"})
    form.add_field("unused", b"file", filename="file.txt")
    return form


async def test_every_form_of_request_is_read(server: TelegramServer, http: aiohttp.ClientSession, ann: Person) -> None:
    url = f"{server.url}/bot{server.token}/sendMessage"
    values = {"chat_id": str(ann.id), "text": "Hello"}
    responses = [
        await http.get(url, params=values),
        await http.post(url, json={"chat_id": ann.id, "text": "Hello"}),
        await http.post(url, data=values),
        await http.post(url, data=form(ann.id)),
        await http.post(f"{server.url}/bot{server.token}/SENDMESSAGE", params=values),
    ]
    for response in responses:
        status, body = await answer(response)
        assert (status, body["ok"], body["result"]["text"]) == (200, True, "Hello")
    assert len(server.requests.of("sendMessage", done=True)) == 5
    assert server.requests.of("sendMessage")[3].uploads == {"unused": 4}


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("bot1:wrong/getMe", 401, "Unauthorized"),
        ("bot{token}/getNothing", 404, "Not Found"),
        ("bot{token}/sendMessage", 400, "Bad Request: message text is empty"),
    ],
)
async def test_refusals_are_json_with_the_same_status(
    server: TelegramServer, http: aiohttp.ClientSession, path: str, status: int, description: str
) -> None:
    response = await http.get(f"{server.url}/{path.format(token=server.token)}")
    expected = {"ok": False, "error_code": status, "description": description}
    assert await answer(response) == (status, expected)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"text": "\\ud83d"}', b"[" * 100_000])
async def test_bodies_that_are_no_json_object_are_refused(
    server: TelegramServer, http: aiohttp.ClientSession, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    response = await http.post(f"{server.url}/bot{server.token}/sendMessage", data=body, headers=headers)
    assert (await answer(response))[0] == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "chat_id text entities parse_mode reply_markup reply_parameters message_id message_thread_id draft_id action media "
    "photo caption caption_entities file_id offset limit commands scope language_code user_id reaction url message_ids "
    "callback_query_id business_connection_id allowed_updates max_connections"
)


CALLS = st.tuples(
    st.sampled_from(sorted(METHODS)),
    st.dictionaries(st.sampled_from(NAMES.split()), JSON, max_size=6),
    st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(calls=st.lists(CALLS, min_size=1, max_size=15))
def test_any_parameters_are_answered_or_refused(calls: list[tuple[str, dict[str, Any], bool]]) -> None:
    async def ask_all() -> None:
        async with TelegramServer() as server, aiohttp.ClientSession() as http:
            sent = server.person("Ann").write("/start")
            real = {"chat_id": sent.message["chat"]["id"], "message_id": sent.message_id, "text": "Hello"}
            for method, values, names_a_chat in calls:
                body = json.dumps(values | (real if names_a_chat else {}) | {"timeout": 0})
                headers = {"Content-Type": "application/json"}
                response = await http.post(f"{server.url}/bot{server.token}/{method}", data=body, headers=headers)
                status, result = await answer(response)
                assert status in (200, 400, 403, 409), (status, result)
                assert result["ok"] is (status == 200)

    asyncio.run(ask_all())


async def test_a_server_can_be_stopped_and_started_with_its_state(ann: Person) -> None:
    server = TelegramServer()
    ann = server.person("Ann")
    sent = ann.write("Hello")
    async with server:
        first = server.url
        async with bot_of(server) as bot:
            poll = asyncio.create_task(bot.get_updates(offset=sent.update_id + 1, timeout=30))
            await server.until_polled()
            await server.stop()
            with pytest.raises(NetworkError):
                await poll
            ann.write("Are you there?")
            await server.start()
            assert server.url == first
            [update] = await bot.get_updates(offset=sent.update_id + 1)
            assert update.message is not None
            assert update.message.text == "Are you there?"


async def test_the_routes_fit_into_another_application(ann: Person, http: aiohttp.ClientSession) -> None:
    server = TelegramServer()
    application = web.Application()
    application.add_routes(server.routes())
    application.cleanup_ctx.append(server.lifespan)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    response = await http.get(f"http://127.0.0.1:{port}/bot{server.token}/getMe")
    assert (await answer(response))[1]["result"]["username"] == "parley_bot"
    await runner.cleanup()


async def test_methods_can_be_missing_as_on_an_older_server(http: aiohttp.ClientSession) -> None:
    async with TelegramServer(without=["sendMessageDraft"]) as server:
        response = await http.get(f"{server.url}/bot{server.token}/sendMessageDraft")
        assert (await answer(response))[0] == 404


async def test_only_the_latest_requests_are_kept_but_all_are_counted(http: aiohttp.ClientSession) -> None:
    async with TelegramServer(sizes=Sizes(requests=3)) as server:
        for _ in range(5):
            await http.get(f"{server.url}/bot{server.token}/getMe")
        assert (len(server.requests), server.requests.total, server.requests.counts["getMe", 200]) == (3, 5, 5)
        assert [request.number for request in server.requests] == [3, 4, 5]


async def test_only_the_latest_messages_of_a_chat_are_kept() -> None:
    server = TelegramServer(sizes=Sizes(messages=3))
    ann = server.person("Ann")
    for number in range(5):
        ann.write(str(number))
    assert [message["text"] for message in server.messages(ann)] == ["2", "3", "4"]


KINDS_OF_BODY = st.sampled_from(
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "text/plain; charset=none",
    ]
)
BODIES = st.binary(max_size=100) | st.sampled_from(
    [b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nHello', b"--x--", b"text=%ff&text=%ud83d"]
)


@settings(max_examples=100, deadline=None)
@given(requests=st.lists(st.tuples(KINDS_OF_BODY, BODIES), min_size=1, max_size=5))
def test_any_body_is_read_or_refused(requests: list[tuple[str, bytes]]) -> None:
    async def ask_all() -> None:
        async with TelegramServer() as server, aiohttp.ClientSession() as http:
            for kind, body in requests:
                url = f"{server.url}/bot{server.token}/sendMessage"
                response = await http.post(url, data=body, headers={"Content-Type": kind})
                assert (await answer(response))[0] == 400

    asyncio.run(ask_all())
