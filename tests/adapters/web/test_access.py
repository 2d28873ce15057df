"""Who may use what: keys, origins, addresses that do not exist, headers."""

from __future__ import annotations

import aiohttp
import pytest

from tests.adapters.web.site import Serve, Site

KEY = "correct horse battery staple"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        (f"Bearer {KEY[:-1]}", 401),
        (f"Basic {KEY}", 401),
        ("Bearer ", 401),
        (f"Bearer {KEY}", 200),
        (f"bearer {KEY}", 200),
    ],
)
async def test_a_key_is_needed_once_keys_are_set(serve: Serve, header: str | None, status: int) -> None:
    async with serve(api_keys=("another", KEY)) as site:
        headers = {} if header is None else {"Authorization": header}
        for path in ("/v1/models", "/api/conversations/ann/messages"):
            answer = await site.http.get(path, headers=headers)
            assert answer.status == status, path


async def test_a_server_that_others_can_reach_wants_a_key_even_without_any(serve: Serve) -> None:
    async with serve(host="0.0.0.0") as site:
        assert (await site.http.get("/v1/models")).status == 401
        assert (await site.http.get("/healthz")).status == 200


async def test_the_refusal_without_a_key_says_what_is_needed(serve: Serve) -> None:
    async with serve(api_keys=(KEY,)) as site:
        error = (await (await site.http.post("/v1/chat/completions")).json())["error"]
        assert error["code"] == "unauthorized"
        assert "Bearer" in error["message"]
        assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/v1/nothing", "/widget/../server.py", "/static/x"])
async def test_unknown_addresses_get_404_as_json(http: aiohttp.ClientSession, path: str) -> None:
    answer = await http.get(path)
    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == "not_found"


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/messages"), ("DELETE", "/v1/models"), ("POST", "/")])
async def test_wrong_methods_get_405_and_the_allowed_ones(http: aiohttp.ClientSession, method: str, path: str) -> None:
    answer = await http.request(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"]
    assert (await answer.json())["error"]["code"] == "method_not_allowed"


async def test_allowed_pages_may_call_the_api(serve: Serve) -> None:
    async with serve(allowed_origins=("https://shop.example",)) as site:
        preflight = await site.http.options(
            "/api/messages",
            headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
        )
        answer = await site.http.get("/v1/models", headers={"Origin": "https://shop.example"})
        assert preflight.status == 204
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert answer.headers["Vary"] == "Origin"


async def test_a_preflight_needs_no_key(serve: Serve) -> None:
    async with serve(allowed_origins=("https://shop.example",), api_keys=(KEY,)) as site:
        headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        assert (await site.http.options("/api/messages", headers=headers)).status == 204


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.evil.example", "null", "http://"])
async def test_other_pages_may_not_call_the_api(serve: Serve, origin: str) -> None:
    async with serve(allowed_origins=("https://shop.example",)) as site:
        answer = await site.http.post("/api/messages", json={"user": "ann", "text": "hi"}, headers={"Origin": origin})
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert await site.history("ann") == {"messages": [], "next": None}


async def test_the_servers_own_pages_may_call_the_api(site: Site) -> None:
    answer = await site.http.get("/v1/models", headers={"Origin": site.url})
    assert answer.status == 200


async def test_every_answer_has_the_safe_headers(http: aiohttp.ClientSession) -> None:
    for path in ("/", "/widget.js", "/healthz", "/nothing", "/v1/models"):
        answer = await http.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "no-referrer", path


async def test_the_sample_page_allows_no_foreign_code(http: aiohttp.ClientSession) -> None:
    answer = await http.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


async def test_any_page_may_embed_the_widgets_files(http: aiohttp.ClientSession) -> None:
    for path in ("/widget.js", "/widget/main.js", "/widget/widget.css"):
        answer = await http.get(path, headers={"Origin": "https://anywhere.example"})
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_unchanged_files_are_not_sent_again(http: aiohttp.ClientSession) -> None:
    first = await http.get("/widget/main.js")
    second = await http.get("/widget/main.js", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status == 304
