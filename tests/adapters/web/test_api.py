"""POST /api/messages and its neighbours, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Busy, StorageError
from tests.adapters.web.conversation import QUOTE, RETURNS, Echo
from tests.adapters.web.site import Serve, Site, read_events

HOSTILE_TEXTS = [
    "'; DROP TABLE messages; --",
    '<script>alert("x")</script><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} ${7*7} %s %(x)s",
    "🙂🙃🎒",
    "مرحبا، أين طلبي؟",
    "怎么退货？",
    "../../etc/passwd\\..\\",
]


async def test_a_message_gets_the_reply_object(http: aiohttp.ClientSession) -> None:
    answer = await http.post("/api/messages", json={"user": "ann", "text": "Can I return it?"})
    reply = await answer.json()
    assert answer.status == 200
    assert reply.pop("message_id")
    assert isinstance(reply.pop("trace_id"), str)
    assert reply == {
        "conversation_id": "ann",
        "text": QUOTE,
        "route": "answer",
        "confidence": 0.93,
        "language": "en",
        "citations": [{"passage_id": RETURNS.id, "title": RETURNS.title, "source": RETURNS.source, "quote": QUOTE}],
        "attachments": [],
        "quick_replies": ["And the refund?"],
    }


async def test_the_reply_names_the_callers_conversation(site: Site) -> None:
    reply = await site.ask("ann", "hello", conversation="order-5")
    assert reply["conversation_id"] == "order-5"


async def test_the_same_external_id_gets_the_same_reply_and_runs_nothing_twice(site: Site, echo: Echo) -> None:
    first = await site.ask("ann", "hello", external_id="1")
    second = await site.ask("ann", "hello", external_id="1")
    assert second == first
    assert len(echo.turns) == 1


async def test_an_external_id_belongs_to_its_user_and_conversation(site: Site) -> None:
    ann = await site.ask("ann", "my secret order", external_id="1")
    ben = await site.ask("ben", "hello", external_id="1")
    other = await site.ask("ann", "hello", conversation="other", external_id="1")
    assert len({ann["message_id"], ben["message_id"], other["message_id"]}) == 3
    assert "secret" not in ben["text"]


async def test_messages_without_an_external_id_are_all_new(site: Site, echo: Echo) -> None:
    await site.ask("ann", "hello")
    await site.ask("ann", "hello")
    assert len(echo.turns) == 2


async def test_a_stream_has_tokens_and_then_the_reply(http: aiohttp.ClientSession) -> None:
    answer = await http.post(
        "/api/messages", json={"user": "ann", "text": "one two three"}, headers={"Accept": "text/event-stream"}
    )
    assert answer.content_type == "text/event-stream"
    events = await read_events(answer)
    assert {name for name, _ in events[:-1]} == {"token"}
    name, reply = events[-1]
    assert name == "reply"
    assert "".join(data["text"] for _, data in events[:-1]) == reply["text"] == "You said: one two three"


async def test_a_repeated_stream_has_the_first_reply(http: aiohttp.ClientSession, site: Site, echo: Echo) -> None:
    first = await site.ask("ann", "hello", external_id="1")
    body = {"user": "ann", "text": "hello", "external_id": "1"}
    answer = await http.post("/api/messages", json=body, headers={"Accept": "text/event-stream"})
    assert await read_events(answer) == [("reply", first)]
    assert len(echo.turns) == 1


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
async def test_text_is_stored_and_returned_as_text(site: Site, text: str) -> None:
    reply = await site.ask(text[:30], text, conversation=f"c {text[:30]}", external_id=text[:30])
    stored = await site.history(f"c {text[:30]}")
    assert reply["text"] == f"You said: {text}"
    assert [message["text"] for message in stored["messages"]] == [text, f"You said: {text}"]


async def test_control_characters_are_taken_out_of_a_text(site: Site) -> None:
    reply = await site.ask("ann", "a\x00b\x1b[31m\r\nc\x7f")
    assert reply["text"] == "You said: ab[31m\nc"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'{"text": "x"}', "user is missing"),
        (b'{"user": "ann"}', "text is missing"),
        (b'{"user": 5, "text": "x"}', "user: input should be a valid string"),
        (b'{"user": "", "text": "x"}', "user:"),
        (b'{"user": "a\\u0000b", "text": "x"}', "user: must not contain control characters"),
        (b'{"user": "ann", "text": ["x"]}', "text: input should be a valid string"),
        (b'{"user": "ann", "text": "x", "external_id": 7}', "external_id:"),
        (b'{"user": "ann", "text": " \\n "}', "The text is empty"),
        (b'{"user": "ann", "text": "\\u0001"}', "The text is empty"),
        (b'{"user": "ann", "text": "\\ud800"}', "not valid JSON"),
    ],
)
async def test_a_wrong_body_gets_400_and_the_reason(http: aiohttp.ClientSession, body: bytes, words: str) -> None:
    answer = await http.post("/api/messages", data=body)
    error = (await answer.json())["error"]
    assert answer.status == 400
    assert set(error) == {"code", "message"}
    assert words in error["message"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


async def test_no_body_brings_the_server_down(server_url: str) -> None:
    loop = asyncio.get_running_loop()

    async def post(body: Any) -> int:
        async with (
            aiohttp.ClientSession(server_url) as session,
            session.post("/api/messages", data=json.dumps(body), timeout=aiohttp.ClientTimeout(20)) as answer,
        ):
            await answer.json()
            return answer.status

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(("user", "text", "conversation"), JSON_VALUES)))
    def check(body: dict[str, Any]) -> None:
        assert asyncio.run_coroutine_threadsafe(post(body), loop).result(30) in (200, 400, 413)

    await asyncio.to_thread(check)


async def test_a_body_over_the_limit_gets_413(http: aiohttp.ClientSession) -> None:
    answer = await http.post("/api/messages", json={"user": "ann", "text": "x" * 2_000_000})
    assert answer.status == 413
    assert (await answer.json())["error"]["code"] == "body_too_large"


async def test_a_text_far_over_the_limit_gets_413_and_one_just_over_it_is_left_to_the_bot(serve: Serve) -> None:
    async with serve(message_characters=100) as site:
        answer = await site.http.post("/api/messages", json={"user": "ann", "text": "x" * 401})
        assert answer.status == 413
        assert (await site.ask("ann", "x" * 101))["text"]


async def test_a_full_queue_gets_503_and_when_to_come_back(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve() as site:
        site.inbox.fail_with(Busy("The queue is full.", 6.2))
        answer = await site.http.post("/api/messages", json={"user": "ann", "text": "hello"})
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "7"
        assert (await answer.json())["error"] == {"code": "busy", "message": "The queue is full."}


async def test_a_database_that_is_gone_gets_503_and_no_details(serve: Serve) -> None:
    async with serve() as site:
        site.inbox.fail_with(StorageError("postgresql://secret@host is gone"))
        answer = await site.http.post("/api/messages", json={"user": "ann", "text": "hello"})
        assert answer.status == 503
        assert "secret" not in await answer.text()


async def test_an_unexpected_failure_gets_500_and_no_details(serve: Serve) -> None:
    async with serve() as site:
        site.inbox.fail_with(RuntimeError("secret"))
        answer = await site.http.post("/api/messages", json={"user": "ann", "text": "hello"})
        assert answer.status == 500
        assert (await answer.json())["error"]["code"] == "internal"
        assert "secret" not in await answer.text()


async def test_a_late_reply_is_kept_for_the_same_external_id(serve: Serve, echo: Echo) -> None:
    async with serve(reply_seconds=0.3) as site:
        echo.gate.clear()
        body = {"user": "ann", "text": "hello", "external_id": "1"}
        answer = await site.http.post("/api/messages", json=body)
        assert answer.status == 504
        assert (await answer.json())["error"]["code"] == "reply_late"
        echo.gate.set()
        await site.reply_in_history("ann")
        assert (await site.ask(**body))["text"] == "You said: hello"
        assert len(echo.turns) == 1


async def test_a_late_stream_ends_with_an_error_event(serve: Serve, echo: Echo) -> None:
    async with serve(reply_seconds=0.3) as site:
        echo.gate.clear()
        body = {"user": "ann", "text": "hello"}
        answer = await site.http.post("/api/messages", json=body, headers={"Accept": "text/event-stream"})
        name, data = (await read_events(answer))[-1]
        assert (name, data["error"]["code"]) == ("error", "reply_late")
        echo.gate.set()


async def test_a_reply_made_by_another_process_is_found(serve: Serve, echo: Echo) -> None:
    """Its `Finished` is published elsewhere; here only the database tells."""
    async with serve(deaf=True) as site:
        assert (await site.ask("ann", "hello"))["text"] == "You said: hello"


async def test_history_comes_in_pages_oldest_first(site: Site) -> None:
    for word in ("one", "two", "three"):
        await site.ask("ann", word)
    first = await site.history("ann", limit=4)
    second = await site.history("ann", limit=4, after=first["next"])
    whole = await site.history("ann", limit=6)
    assert [message["text"] for message in first["messages"]] == ["one", "You said: one", "two", "You said: two"]
    assert [message["role"] for message in second["messages"]] == ["user", "assistant"]
    assert second["next"] is None
    assert whole["next"] is None
    assert whole["messages"] == first["messages"] + second["messages"]


async def test_history_carries_citations(site: Site) -> None:
    reply = await site.ask("ann", "Can I return it?")
    asked, answered = (await site.history("ann"))["messages"]
    assert answered["message_id"] == reply["message_id"]
    assert answered["citations"] == reply["citations"]
    assert "citations" not in asked
    assert asked["created_at"].endswith("+00:00")


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "after=-1", "after=x", "limit=" + "9" * 5000])
async def test_wrong_paging_gets_400(http: aiohttp.ClientSession, query: str) -> None:
    answer = await http.get(f"/api/conversations/ann/messages?{query}")
    assert answer.status == 400
    assert (await answer.json())["error"]["code"] == "invalid_request"


async def test_a_conversation_without_messages_is_empty(site: Site) -> None:
    assert await site.history("nobody") == {"messages": [], "next": None}


async def test_thumbs_go_to_the_users_own_reply_only(http: aiohttp.ClientSession, site: Site) -> None:
    reply = await site.ask("ann", "hello")
    url = f"/api/messages/{reply['message_id']}/feedback"
    own = await http.post(url, json={"user": "ann", "score": -1, "comment": "<b>no</b>"})
    others = await http.post(url, json={"user": "ben", "score": 1})
    wrong = await http.post(url, json={"user": "ann", "score": 5})
    assert (own.status, others.status, wrong.status) == (200, 404, 400)
    assert await site.feedback() == [(reply["message_id"], -1, "<b>no</b>")]


async def test_a_passage_can_be_read(http: aiohttp.ClientSession) -> None:
    answer = await http.get(f"/api/passages/{RETURNS.id}")
    passage = await answer.json()
    assert passage["text"] == RETURNS.text
    assert QUOTE in passage["text"]
    assert (await http.get("/api/passages/none")).status == 404
