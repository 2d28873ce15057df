"""The widget's WebSocket: nothing lost, nothing doubled, nothing without bounds."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.errors import Busy, StorageError
from tests.adapters.web.conversation import QUOTE, RETURNS, Echo
from tests.adapters.web.site import Serve, Site
from tests.adapters.web.widget import connect, visit

MESSAGE_ID = "6f1d4a5e-0000-4000-8000-000000000001"


async def test_the_welcome_says_who_the_bot_is(serve: Serve) -> None:
    async with serve(bot_name="Larkfell", greeting="Hi!", suggestions=("Shipping?",)) as site, connect(site) as widget:
        welcome = await widget.hello()
        assert welcome.pop("token")
        assert welcome == {
            "type": "welcome",
            "returning": False,
            "name": "Larkfell",
            "greeting": "Hi!",
            "suggestions": ["Shipping?"],
            "language": "auto",
            "characters": 4000,
            "photo_bytes": 10_000_000,
        }


async def test_an_answer_comes_in_words_and_then_whole(site: Site) -> None:
    async with visit(site) as widget:
        ack = await widget.say("Can I return it?")
        reply = await widget.reply()
        quick = await widget.until("quick_replies")
        words = "".join(event["text"] for event in widget.events if event["type"] == "delta")
        assert ack["message_id"]
        assert words == reply["text"] == QUOTE
        assert reply["citations"][0]["passage_id"] == RETURNS.id
        assert quick == {"type": "quick_replies", "message_id": reply["message_id"], "texts": ["And the refund?"]}


async def test_a_message_that_is_sent_again_is_not_doubled(site: Site, echo: Echo) -> None:
    async with visit(site) as widget:
        first = await widget.say("hello", MESSAGE_ID)
        await widget.reply()
        token = widget.token
    async with connect(site) as again:
        await again.hello(token)
        second = await again.say("hello", MESSAGE_ID)
        messages = await again.resume()
    assert second["message_id"] == first["message_id"]
    assert [message["text"] for message in messages] == ["hello", "You said: hello"]
    assert len(echo.turns) == 1


async def test_acknowledgements_come_before_the_history_that_holds_the_messages(site: Site) -> None:
    """So the widget knows its own messages when it sees them."""
    async with visit(site) as widget:
        await widget.say("one")
        await widget.reply()
        token = widget.token
    async with connect(site) as again:
        await again.hello(token)
        await again.send("message", id=MESSAGE_ID, text="two")
        await again.resume(after=2)
        kinds = [event["type"] for event in again.events]
        assert kinds.index("ack") < kinds.index("messages")


async def test_a_visitor_who_was_away_gets_what_was_missed(site: Site, echo: Echo) -> None:
    async with visit(site) as widget:
        await widget.say("one")
        await widget.reply()
        echo.gate.clear()
        await widget.say("two")
        token = widget.token
    echo.gate.set()
    async with connect(site) as again:
        assert (await again.hello(token))["returning"]
        missed = await again.resume(after=2)
        if missed[-1]["role"] == "user":
            missed.append(await again.reply())
    assert [message["number"] for message in missed] == [3, 4]
    assert missed[-1]["text"] == "You said: two"


async def test_a_reply_that_is_still_made_when_the_visitor_returns_arrives(site: Site, echo: Echo) -> None:
    echo.gate.clear()
    async with visit(site) as widget:
        await widget.say("hello")
        token = widget.token
    async with visit(site, token) as again:
        echo.gate.set()
        assert (await again.reply())["text"] == "You said: hello"


async def test_a_reply_made_by_another_process_arrives(serve: Serve) -> None:
    async with serve(deaf=True) as site, visit(site) as widget:
        await widget.say("hello")
        assert (await widget.reply())["text"] == "You said: hello"


async def test_two_windows_of_a_visitor_show_the_same(site: Site) -> None:
    async with visit(site) as one, visit(site, one.token) as two:
        await one.say("hello")
        assert (await one.reply())["message_id"] == (await two.reply())["message_id"]


async def test_nothing_is_pushed_before_the_widget_says_where_it_stands(site: Site) -> None:
    async with visit(site) as widget, connect(site) as other:
        await other.hello(widget.token)
        await widget.say("hello")
        await widget.reply()
        await other.send("ping")
        await other.until("pong")
        assert [event["type"] for event in other.events] == ["welcome", "pong"]


async def test_a_restart_keeps_the_visitor_and_begins_an_empty_conversation(site: Site, echo: Echo) -> None:
    async with visit(site) as widget:
        await widget.say("hello")
        await widget.reply()
        token = widget.token
    async with connect(site) as again:
        welcome = await again.hello(token, restart=True)
        assert not welcome["returning"]
        assert await again.resume() == []
        await again.say("hello again")
        await again.reply()
    old, new = (turn.conversation for turn in echo.turns)
    assert old.customer_id == new.customer_id
    assert old.id != new.id


async def test_thumbs_are_stored_under_the_visitors_own_replies(site: Site) -> None:
    async with visit(site) as ann, visit(site) as ben:
        await ann.say("hello")
        reply = await ann.reply()
        await ann.send("feedback", message_id=reply["message_id"], score=1, comment="")
        assert (await ann.until("rated"))["score"] == 1
        await ben.send("feedback", message_id=reply["message_id"], score=-1)
        assert (await ben.until("error"))["code"] == "not_found"
    assert await site.feedback() == [(reply["message_id"], 1, "")]


async def test_a_citation_can_be_opened(site: Site) -> None:
    async with visit(site) as widget:
        await widget.send("passage", id=RETURNS.id)
        assert (await widget.until("passage"))["passage"]["text"] == RETURNS.text
        await widget.send("passage", id="gone")
        assert (await widget.until("error"))["id"] == "gone"


async def test_markup_and_sql_are_text(site: Site) -> None:
    text = "<img src=x onerror=alert(1)>'; DROP TABLE messages; --"
    async with visit(site) as widget:
        await widget.say(text)
        assert (await widget.reply())["text"] == f"You said: {text}"


@pytest.mark.parametrize(
    ("error", "code", "wait"), [(Busy("full", 3.0), "busy", 3.0), (StorageError("x"), "unavailable", 5)]
)
async def test_a_message_that_cannot_be_taken_now_may_be_sent_again(
    site: Site, error: Exception, code: str, wait: float
) -> None:
    async with visit(site) as widget:
        site.inbox.fail_with(error)
        await widget.send("message", id=MESSAGE_ID, text="hello")
        refused = await widget.until("error")
        assert (refused["code"], refused["id"], refused["retry_after"]) == (code, MESSAGE_ID, wait)
        site.inbox.fail_with(None)
        await widget.say("hello", MESSAGE_ID)
        assert (await widget.reply())["text"] == "You said: hello"


async def test_a_visitor_who_writes_too_fast_is_asked_to_wait(serve: Serve) -> None:
    async with serve(messages_per_minute=2) as site, visit(site) as widget:
        await widget.say("one")
        await widget.say("two")
        await widget.send("message", id=MESSAGE_ID, text="three")
        refused = await widget.until("error")
        assert (refused["code"], refused["id"]) == ("rate", MESSAGE_ID)
        assert 0 < refused["retry_after"] <= 30


@pytest.mark.parametrize("text", ["", "   ", "\u0000"])
async def test_an_empty_message_is_refused_for_good(site: Site, text: str) -> None:
    async with visit(site) as widget:
        await widget.send("message", id=MESSAGE_ID, text=text)
        refused = await widget.until("error")
        assert (refused["code"], refused["id"]) == ("empty_message", MESSAGE_ID)
        assert "retry_after" not in refused


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        "5",
        '{"type": "nothing"}',
        '{"type": "message"}',
        '{"type": "resume", "after": -1}',
        '{"type": "feedback", "message_id": "m", "score": 3}',
        '{"type": "hello"}',
        "x" * 10_000,
    ],
)
async def test_a_wrong_frame_gets_an_error_and_the_line_stays(site: Site, frame: str) -> None:
    async with visit(site) as widget:
        await widget.socket.send_str(frame)
        assert (await widget.until("error"))["code"] == "invalid_request"
        await widget.send("ping")
        await widget.until("pong")


async def test_a_binary_frame_gets_an_error(site: Site) -> None:
    async with visit(site) as widget:
        await widget.socket.send_bytes(b"\x00\xff")
        assert (await widget.until("error"))["code"] == "invalid_request"


async def test_a_frame_that_is_too_large_closes_the_line(serve: Serve) -> None:
    async with serve(message_characters=100) as site, visit(site) as widget:
        await widget.socket.send_str("x" * 100_000)
        assert await widget.closed() == 1009


async def test_a_flood_of_frames_closes_the_line(site: Site) -> None:
    async with visit(site) as widget:
        for _ in range(150):
            await widget.send("ping")
        assert await widget.closed() == 1008


@pytest.mark.parametrize("first", ['{"type": "ping"}', "nonsense", '{"type": "hello", "token": 5}'])
async def test_the_first_frame_must_be_hello(site: Site, first: str) -> None:
    async with connect(site) as widget:
        await widget.socket.send_str(first)
        assert await widget.closed() == 1008


async def test_one_who_says_nothing_is_not_waited_for(serve: Serve) -> None:
    async with serve(hello_seconds=0.1) as site, connect(site) as widget:
        assert await widget.closed() == 1008


async def test_connections_over_the_limit_are_closed_with_try_again_later(serve: Serve) -> None:
    async with serve(connections=2) as site, visit(site), visit(site), connect(site) as third:
        assert await third.closed() == 1013


async def test_a_closed_connection_makes_room(serve: Serve) -> None:
    async with serve(connections=1) as site:
        for _ in range(3):
            async with visit(site) as widget:
                await widget.send("ping")
                await widget.until("pong")
            await site.metric_becomes("parley_web_sockets 0.0")


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("https://shop.example", True),
        ("https://evil.example", False),
        ("null", False),
        ("https://shop.example.evil.example", False),
    ],
)
async def test_only_allowed_pages_may_connect(serve: Serve, origin: str, welcome: bool) -> None:
    async with serve(allowed_origins=("https://shop.example",)) as site:
        if welcome:
            async with connect(site, origin=origin) as widget:
                assert await widget.hello()
        else:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await site.http.ws_connect("/ws", origin=origin)
            assert refused.value.status == 403


async def test_the_public_address_is_the_servers_own(serve: Serve) -> None:
    async with serve(public_url="https://chat.shop.example") as site:
        port = site.server.port
        url: Any = f"http://127.0.0.1:{port}/ws"
        async with aiohttp.ClientSession() as http, http.ws_connect(url, origin="https://chat.shop.example") as socket:
            await socket.send_json({"type": "hello"})
            assert (await socket.receive_json())["type"] == "welcome"


async def test_a_server_that_stops_tells_its_visitors_to_come_back(serve: Serve) -> None:
    async with serve() as site, visit(site) as widget:
        stopping = asyncio.create_task(site.server.stop())
        assert await widget.closed() == 1012
        await stopping


async def test_plain_http_is_told_what_lives_here(http: aiohttp.ClientSession) -> None:
    answer = await http.get("/ws")
    assert answer.status == 426
