"""The widget in a real browser: answers, sources, thumbs, reloads, broken lines."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from bot.errors import Busy, StorageError
from tests.adapters.web.conversation import QUOTE, RETURNS, Echo
from tests.adapters.web.site import Serve
from tests.browser.chat import visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ATTACK = (
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>'; DROP TABLE messages; --"
)


async def test_it_greets_suggests_and_answers_with_a_source(serve: Serve, chromium: Browser) -> None:
    serving = serve(bot_name="Larkfell", suggestions=("Can I return it?",))
    async with serving as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await expect(chat.panel).to_contain_text("Hello, this is Larkfell")
        await chat.panel.get_by_role("button", name="Can I return it?").click()
        answer = chat.answers.first
        await expect(answer).to_contain_text(QUOTE)
        await answer.get_by_role("button", name=RETURNS.title).click()
        sheet = chat.page.get_by_role("dialog", name="Source")
        await expect(sheet).to_contain_text(RETURNS.text)
        await expect(sheet.locator("mark")).to_have_text(QUOTE)
        await chat.page.keyboard.press("Escape")
        await expect(sheet).to_be_hidden()
        await expect(answer.get_by_role("button", name=RETURNS.title)).to_be_focused()


async def test_words_are_shown_while_the_answer_is_made(serve: Serve, chromium: Browser, echo: Echo) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        echo.gate.clear()
        await chat.say("one two three")
        await expect(chat.log.locator(".item.bot .bubble")).to_have_text("You said: one two three")
        await expect(chat.log).to_have_attribute("aria-busy", "true")
        await expect(chat.answers).to_have_count(0)
        echo.gate.set()
        await expect(chat.answers).to_have_count(1)
        await expect(chat.log).to_have_attribute("aria-busy", "false")


async def test_the_state_of_a_message_is_shown(serve: Serve, chromium: Browser, echo: Echo) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        echo.gate.clear()
        await chat.say("hello")
        await expect(chat.log.locator(".state")).to_have_text("Sent")
        echo.gate.set()
        await expect(chat.answers).to_have_count(1)


async def test_quick_replies_are_sent_with_one_tap(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await chat.ask("Can I return it?")
        await chat.page.get_by_role("button", name="And the refund?").click()
        await expect(chat.answers).to_have_count(2)
        assert "You said: And the refund?" in await chat.texts()
        await expect(chat.page.get_by_role("button", name="And the refund?")).to_have_count(0)


async def test_thumbs_are_stored_and_kept_over_a_reload(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        answer = await chat.ask("hello")
        await answer.get_by_role("button", name="This was helpful").click()
        await expect(answer).to_contain_text("Thank you")
        await chat.page.reload()
        up = chat.answers.first.get_by_role("button", name="This was helpful")
        await expect(up).to_have_attribute("aria-pressed", "true")
        [(_, score, comment)] = await site.feedback()
        assert (score, comment) == (1, "")


async def test_a_thumb_down_may_say_why(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        answer = await chat.ask("hello")
        await answer.get_by_role("button", name="This was not helpful").click()
        await answer.get_by_label("What was wrong").fill("too short")
        await answer.get_by_role("button", name="Send").click()
        await expect(answer).to_contain_text("Thank you")
        while (feedback := await site.feedback())[0][2] == "":
            pass
        assert feedback[0][1:] == (-1, "too short")


async def test_a_reload_keeps_the_conversation(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await chat.ask("one")
        await chat.ask("Can I return it?")
        before = await chat.texts()
        await chat.page.reload()
        await expect(chat.panel).to_be_visible()
        await expect(chat.answers).to_have_count(2)
        assert await chat.texts() == before
        await expect(chat.answers.last.get_by_role("button", name=RETURNS.title)).to_be_visible()


async def test_a_restart_of_the_server_loses_and_doubles_nothing(serve: Serve, chromium: Browser, echo: Echo) -> None:
    async with serve() as site:
        port = site.server.port
        context = visitor(chromium, site.url)
        chat = await context.__aenter__()
        await chat.open()
        await chat.ask("one")
    await expect(chat.status).to_have_text("No connection, trying again…")
    await chat.say("two")
    await expect(chat.log.locator(".item.user").last).to_contain_text("Sending")
    async with serve(port=port):
        await expect(chat.answers).to_have_count(2)
        await expect(chat.status).to_have_text("Online")
        await chat.ask("three")
        expected = ["one", "You said: one", "two", "You said: two", "three", "You said: three"]
        assert await chat.texts() == expected
        await chat.page.reload()
        await expect(chat.answers).to_have_count(3)
        assert await chat.texts() == expected
        assert [message.text for turn in echo.turns for message in turn.messages] == ["one", "two", "three"]
        await context.__aexit__(None, None, None)


async def test_a_message_that_was_not_taken_survives_a_reload(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await chat.ask("one")
        site.inbox.fail_with(StorageError("gone"))
        await chat.say("two")
        await expect(chat.log.locator(".item.user").last).to_contain_text("Waiting to be sent")
        site.inbox.fail_with(None)
        await chat.page.reload()
        await expect(chat.answers).to_have_count(2)
        assert await chat.texts() == ["one", "You said: one", "two", "You said: two"]


async def test_a_message_that_was_not_taken_is_sent_again_by_itself(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        site.inbox.fail_with(Busy("full", 0.5))
        await chat.say("hello")
        await expect(chat.log.locator(".item.user")).to_contain_text("Waiting to be sent")
        site.inbox.fail_with(None)
        await expect(chat.answers).to_have_count(1)
        assert await chat.texts() == ["hello", "You said: hello"]


async def test_an_answer_that_was_cut_off_comes_whole_later(serve: Serve, chromium: Browser, echo: Echo) -> None:
    async with serve() as site:
        port = site.server.port
        context = visitor(chromium, site.url)
        chat = await context.__aenter__()
        await chat.open()
        echo.gate.clear()
        await chat.say("one two three")
        await expect(chat.log.locator(".item.bot .bubble")).to_have_text("You said: one two three")
    echo.gate.set()
    async with serve(port=port):
        await expect(chat.answers).to_have_count(1)
        assert await chat.texts() == ["one two three", "You said: one two three"]
        await context.__aexit__(None, None, None)


async def test_markup_is_shown_as_text(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await chat.ask(ATTACK)
        assert await chat.texts() == [ATTACK, f"You said: {ATTACK}"]
        await chat.page.reload()
        await expect(chat.answers).to_have_count(1)
        assert await chat.texts() == [ATTACK, f"You said: {ATTACK}"]
        assert await chat.log.locator("img, script").count() == 0
        assert await chat.page.title() != "owned"


async def test_lists_bold_words_and_web_links_are_shown_and_no_other_links(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        answer = await chat.ask(
            "**bold** [shop](https://shop.example/a) [bad](javascript:alert(1)) https://x.example/b.\n- first\n- second"
        )
        bubble = answer.locator(".bubble")
        await expect(bubble.locator("strong")).to_have_text("bold")
        await expect(bubble.locator("li")).to_have_text(["first", "second"])
        links = [await link.get_attribute("href") for link in await bubble.locator("a").all()]
        assert links == ["https://shop.example/a", "https://x.example/b"]


async def test_two_visitors_do_not_see_each_other(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as ann, visitor(chromium, site.url) as ben:
        await ann.open()
        await ann.ask("my secret order 4711")
        await ben.open()
        await ben.ask("hello")
        assert await ben.texts() == ["hello", "You said: hello"]


async def test_a_new_conversation_is_empty(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await chat.ask("one")
        await chat.page.get_by_role("button", name="New conversation").click()
        await expect(chat.panel).to_contain_text("What can I help you with?")
        assert await chat.texts() == []
        await chat.ask("two")
        assert await chat.texts() == ["two", "You said: two"]


async def test_a_person_can_be_asked_for_with_one_button(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        await chat.page.get_by_role("button", name="Talk to a person").click()
        await expect(chat.answers.first).to_contain_text("I would like to talk to a person.")


async def test_an_answer_behind_the_closed_panel_is_counted(serve: Serve, chromium: Browser, echo: Echo) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.open()
        echo.gate.clear()
        await chat.say("hello")
        await expect(chat.log.locator(".state")).to_have_text("Sent")
        await chat.launcher.click()
        echo.gate.set()
        await expect(chat.launcher).to_have_accessible_name("Open chat (1 new)")
        await chat.open()
        await expect(chat.page.locator(".badge")).to_be_hidden()


async def test_long_conversations_show_earlier_messages_on_demand(serve: Serve, chromium: Browser) -> None:
    async with serve(messages_per_minute=1000) as site, visitor(chromium, site.url) as chat:
        await chat.open()
        for number in range(30):
            await chat.say(f"number {number}")
        await expect(chat.log.locator(".item.user[data-number]")).to_have_count(30)
        await chat.say("last")
        await expect(chat.answers.last).to_contain_text("last")
        for number in range(30):  # the earlier answers may still be being written, word by word
            await expect(chat.answers.filter(has_text=re.compile(rf"number {number}(?!\d)"))).to_have_count(1)
        everything = await chat.texts()
        await chat.page.evaluate(
            "for (const key of Object.keys(localStorage)) if (key.endsWith('last')) localStorage[key] = 70"
        )
        await chat.page.reload()
        earlier = chat.page.get_by_role("button", name="Show earlier messages")
        await expect(chat.answers.last).to_contain_text("last")
        await earlier.click()
        await expect(earlier).to_be_hidden()
        await expect(chat.log.locator(".item.user")).to_have_count(31)
        assert await chat.texts() == everything


async def test_a_page_element_can_ask(serve: Serve, chromium: Browser) -> None:
    async with serve() as site, visitor(chromium, site.url) as chat:
        await chat.page.get_by_role("button", name="How can I pay?").click()
        await expect(chat.answers.first).to_contain_text("You said: How can I pay?")
