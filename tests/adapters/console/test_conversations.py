from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from bot.messages import Citation
from tests.adapters.console.browser import Browser, Console

TEXTS = files("adapters.console") / "texts"
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


async def test_the_inbox_shows_who_waits_and_for_how_long(console: Console, operator: Browser) -> None:
    await console.handed_off("where is my order 88123?")
    await console.customer_says("when do you open?", name="Ben", conversation="ben-1")
    page = await operator.get("/console")
    assert page.texts(".line .who") == ["Anna"]
    assert page.texts(".line .said") == ["where is my order 88123?"]
    assert page.texts(".line .wait") == ["under 1 min"]
    assert page.texts(".tabs a") == ["Waiting 1", "With a person", "All"]
    assert page.texts("title") == ["(1) Console · Parley"]
    assert (await operator.get("/console?filter=all")).texts(".line .who") == ["Ben", "Anna"]


async def test_nobody_waiting_is_said(operator: Browser) -> None:
    assert (await operator.get("/console")).texts(".nobody") == ["Nobody is waiting."]


async def test_a_long_inbox_has_pages(console: Console, operator: Browser) -> None:
    for number in range(51):
        await console.customer_says("hello", name=f"Customer {number}", conversation=f"c-{number}")
    page = await operator.get("/console?filter=all")
    assert len(page.texts(".line")) == 50
    following = page.attribute("a.more", "href")
    assert (await operator.get(following)).texts(".line .who") == ["Customer 0"]


async def test_a_conversation_shows_both_sides_with_the_bots_sources(console: Console, operator: Browser) -> None:
    conversation = await console.customer_says("How long can I return a jacket?")
    sources = (
        Citation("p1", "Returns", "https://shop.example/returns", "within 30 days"),
        Citation("p2", "Sizes", "javascript:alert(1)", "Jackets"),
    )
    await console.bot_says("Within 30 days.", route="answer", citations=sources)
    page = await operator.get(f"/console/conversations/{conversation}")
    assert page.texts(".message .text") == ["How long can I return a jacket?", "Within 30 days."]
    assert page.texts("blockquote") == ["within 30 days Returns", "Jackets Sizes · javascript:alert(1)"]
    assert [link.attributes["href"] for link in page.tree.css("blockquote a")] == ["https://shop.example/returns"]
    assert "answered from documents" in page.texts(".message.assistant footer")[0]


async def test_a_customer_who_has_blocked_the_bot_is_marked(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off()
    assert (await operator.get(f"/console/conversations/{conversation}")).texts(".unreachable") == []
    await console.store.places.unreachable("api", "anna-1", "blocked")
    (mark,) = (await operator.get(f"/console/conversations/{conversation}")).texts(".unreachable")
    assert mark.startswith("cannot be reached")


async def test_a_long_conversation_has_earlier_pages_and_a_way_back(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off("the first words")
    await console.store.desk.take(conversation)
    for number in range(100):
        await console.store.desk.say(conversation, f"message {number}", f"key-{number}")
    page = await operator.get(f"/console/conversations/{conversation}")
    assert page.texts(".message .text")[0] == "message 0"
    page = await operator.get(page.attribute(".messages a.more", "href"))
    assert page.texts(".message .text") == ["the first words", "I have told the team."]
    assert not page.tree.css("textarea")
    page = await operator.get(page.attribute(".composer a.more", "href"))
    assert page.texts(".message .text")[-1] == "message 99"


async def test_everything_that_people_wrote_is_text(console: Console, operator: Browser) -> None:
    conversation = await console.customer_says(ATTACK, name=ATTACK)
    await console.bot_says(ATTACK, citations=(Citation("p", ATTACK, ATTACK, ATTACK),), state="waiting")
    await console.store.desk.take(conversation)
    await operator.say(conversation, ATTACK)
    page = await operator.get(f"/console/conversations/{conversation}")
    assert page.texts(".message .text") == [ATTACK] * 3
    assert page.texts("h1") == [ATTACK]
    assert not page.tree.css("img, .message script, .line script")
    assert [script.attributes.get("src") for script in page.tree.css("script")] == ["/console/static/console.js"]


async def test_nothing_of_the_page_runs_but_the_consoles_own_script(operator: Browser) -> None:
    page = await operator.get("/console")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert not page.tree.css("[style], [onclick], [onload], style")


async def test_an_operator_takes_over_answers_and_hands_back(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off()
    address = f"/console/conversations/{conversation}"
    await operator.get(address)
    page = await operator.post(f"{address}/take")
    assert page.path == address
    assert page.texts(".bar .state") == ["With a person"]
    await console.customer_says("is anybody there?")
    assert await console.store.turns.claim("worker") is None
    page = await operator.say(conversation, "Yes, I am.\r\nHow can I help?")
    assert page.texts(".message.operator .text") == ["Yes, I am. How can I help?"]
    history = await console.store.history.messages("api", "anna-1")
    assert (history[-1].role, history[-1].text) == ("operator", "Yes, I am.\nHow can I help?")
    page = await operator.post(f"{address}/hand-back")
    assert page.texts(".bar .state") == ["With the bot"]
    await console.customer_says("when do you open?")
    assert await console.store.turns.claim("worker")


async def test_a_conversation_is_resolved(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off()
    await operator.get(f"/console/conversations/{conversation}")
    page = await operator.post(f"/console/conversations/{conversation}/resolve")
    assert page.texts(".bar .state") == ["Resolved"]
    assert (await operator.get("/console")).texts(".line") == []


async def test_words_sent_twice_reach_the_customer_once(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off()
    await console.store.desk.take(conversation)
    page = await operator.get(f"/console/conversations/{conversation}")
    key = page.value("key")
    for _ in range(2):
        page = await operator.post(f"/console/conversations/{conversation}/say", text="Hello!", key=key)
    assert page.texts(".message.operator .text") == ["Hello!"]


@pytest.mark.parametrize("text", ["", " \r\n ", "x" * 4001])
async def test_words_that_are_no_message_are_refused(console: Console, operator: Browser, text: str) -> None:
    conversation = await console.handed_off()
    await console.store.desk.take(conversation)
    page = await operator.say(conversation, text)
    assert page.status == 422
    assert page.texts("[data-reason]") == ["The message is empty or too long."]
    assert len(await console.store.history.messages("api", "anna-1")) == 2


async def test_only_the_consoles_own_files_are_served(stranger: Browser) -> None:
    assert (await stranger.get("/console/static/console.css")).status == 200
    for path in ("none.js", "%2e%2e/pages.py", "../templates/desk.html", ""):
        assert "jinja" not in (await stranger.get(f"/console/static/{path}")).html
    assert (await stranger.get("/console/static/none.js")).status == 404


async def test_who_comes_second_is_told(console: Console, operator: Browser) -> None:
    conversation = await console.handed_off()
    await operator.get(f"/console/conversations/{conversation}")
    await console.store.desk.take(conversation)
    page = await operator.post(f"/console/conversations/{conversation}/take")
    assert page.status == 409
    assert page.texts("[data-reason]")[0].startswith("Somebody else has changed this conversation")


@pytest.mark.parametrize("path", ["/conversations/c_none", "/nothing", "/static/../pages.py"])
async def test_what_is_not_there_is_not_found(operator: Browser, path: str) -> None:
    page = await operator.get(f"/console{path}")
    assert page.status == 404
    assert page.texts("[data-reason]") == ["There is nothing at this address."]


@pytest.mark.parametrize("query", ["filter=nonsense", "after=c_none", "filter=all&after='", "before=x"])
async def test_a_strange_query_does_no_harm(console: Console, operator: Browser, query: str) -> None:
    await console.handed_off()
    assert (await operator.get(f"/console?{query}")).status == 200


@pytest.mark.parametrize(("wanted", "title"), [("zh-CN,zh;q=0.9", "客服台"), ("fr,zh-TW", "客服台"), ("fr", "Console")])
async def test_the_console_speaks_the_readers_language(operator: Browser, wanted: str, title: str) -> None:
    page = await operator.get("/console", **{"Accept-Language": wanted})
    assert title in page.texts("title")[0]


@pytest.mark.parametrize("language", ["zh"])
def test_every_language_has_every_text(language: str) -> None:
    english, other = (tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8")) for name in ("en", language))
    assert english.keys() == other.keys()
