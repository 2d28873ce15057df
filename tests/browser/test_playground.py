"""The playground's page in a real browser, with the bot's side played over HTTP, and with the real bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, expect

from adapters.playground.page import Playground
from bot.sample import write_bot_folder
from tests.adapters.playground.discord.examples import PNG
from tests.browser.playground import Window, opened
from tests.browser.test_sample_shop import served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURE: FilePayload = {"name": "shoe.png", "mimeType": "image/png", "buffer": PNG}
QUESTION = "How many days do I have to return something?"


class Bots:
    """What a bot asks of both platforms."""

    def __init__(self, playground: Playground, session: aiohttp.ClientSession) -> None:
        self._playground = playground
        self._session = session

    async def telegram(self, method: str, **parameters: Any) -> Any:
        url = f"{self._playground.telegram.url}/bot{self._playground.telegram.token}/{method}"
        async with self._session.post(url, json=parameters) as response:
            return (await response.json())["result"]

    async def discord(self, method: str, path: str, body: Any) -> Any:
        server = self._playground.discord
        headers = {"Authorization": f"Bot {server.token}"}
        url = f"{server.api_base_url}{path}"
        async with self._session.request(method, url, json=body, headers=headers) as response:
            assert response.ok, await response.text()
            return await response.json() if response.status != 204 else None


@pytest_asyncio.fixture(loop_scope="session")
async def playground() -> AsyncIterator[Playground]:
    async with Playground() as playground:
        yield playground


@pytest_asyncio.fixture(loop_scope="session")
async def bots(playground: Playground) -> AsyncIterator[Bots]:
    async with aiohttp.ClientSession() as session:
        yield Bots(playground, session)


@pytest_asyncio.fixture(loop_scope="session")
async def window(chromium: Browser, playground: Playground) -> AsyncIterator[Window]:
    async with opened(chromium, playground.url) as window:
        yield window


async def message_to(bots: Bots) -> dict[str, Any]:
    """The next message that a Telegram bot is told of."""
    message: dict[str, Any] = (await update_for(bots))["message"]
    return message


async def update_for(bots: Bots) -> dict[str, Any]:
    """The next update of a Telegram bot, confirmed."""
    kinds = ["message", "callback_query"]
    update: dict[str, Any] = (await bots.telegram("getUpdates", timeout=10, allowed_updates=kinds))[-1]
    await bots.telegram("getUpdates", offset=update["update_id"] + 1)
    return update


async def test_a_telegram_exchange_with_draft_format_and_buttons(window: Window, bots: Bots) -> None:
    await window.say("Is it open?")
    await expect(window.said("Is it open?")).to_be_visible()
    question = await message_to(bots)
    chat = question["chat"]["id"]

    await bots.telegram("sendChatAction", chat_id=chat, action="typing")
    await expect(window.page.get_by_text("The bot is typing…")).to_be_visible()
    await bots.telegram("sendMessageDraft", chat_id=chat, draft_id=1, text="Until")
    await expect(window.log.locator(".draft")).to_contain_text("Until")

    keyboard = {"inline_keyboard": [[{"text": "Sources", "callback_data": "s:1"}]]}
    await bots.telegram("sendMessage", chat_id=chat, text="Until <b>six</b>.", parse_mode="HTML", reply_markup=keyboard)
    answer = window.answers.filter(has_text="Until six.")
    await expect(answer.locator("strong", has_text="six")).to_be_visible()
    await expect(window.log.locator(".draft")).to_have_count(0)

    await answer.get_by_role("button", name="Sources").click()
    query = (await update_for(bots))["callback_query"]
    assert query["data"] == "s:1"
    await bots.telegram("answerCallbackQuery", callback_query_id=query["id"], text="From the help pages")
    await expect(window.notice).to_have_text("From the help pages")


async def test_pictures_reactions_and_edits_on_telegram(window: Window, bots: Bots, playground: Playground) -> None:
    await window.page.set_input_files("#file", [PICTURE])
    await window.say("What is this?")
    await expect(window.said("What is this?").get_by_role("img")).to_be_visible()
    question = await message_to(bots)
    assert question["photo"]
    sent = await bots.telegram("sendMessage", chat_id=question["chat"]["id"], text="A shoe")
    await bots.telegram("editMessageText", chat_id=sent["chat"]["id"], message_id=sent["message_id"], text="A boot")
    await expect(window.answers.filter(has_text="A boot")).to_contain_text("edited")

    await window.answers.last.get_by_role("button", name="React with 👍").click()
    await expect(window.answers.last.get_by_role("button", name="React with 👍")).to_have_attribute(
        "aria-pressed", "true"
    )

    await window.said("What is this?").get_by_role("button", name="Edit").click()
    await window.say("What is that?")
    await expect(window.said("What is that?")).to_contain_text("edited")


async def test_a_discord_command_is_deferred_and_filled(window: Window, bots: Bots, playground: Playground) -> None:
    server = playground.discord
    question = {"type": 3, "name": "question", "description": "What to ask", "required": True}
    ask = {"name": "ask", "description": "Asks a question", "options": [question]}
    await bots.discord("PUT", f"/applications/{server.application_id}/commands", [ask])
    await window.go("Direct messages")

    await window.input.press_sequentially("/as")
    await window.page.get_by_role("list", name="Commands").get_by_role("button").click()
    await window.input.press_sequentially("is it open?")
    interactions: list[dict[str, Any]] = []
    server.world.listeners.append(
        lambda event: interactions.append(event.data) if event.name == "INTERACTION_CREATE" else None
    )
    await window.input.press("Enter")
    await server.until(lambda: interactions)
    [interaction] = interactions
    assert interaction["data"]["options"] == [{"name": "question", "type": 3, "value": "is it open?"}]

    await bots.discord("POST", f"/interactions/{interaction['id']}/{interaction['token']}/callback", {"type": 5})
    await expect(window.said("is thinking…")).to_be_visible()
    original = f"/webhooks/{server.application_id}/{interaction['token']}/messages/@original"
    await bots.discord("PATCH", original, {"content": "Until **six**."})
    await expect(window.answers.locator("strong", has_text="six")).to_be_visible()


async def test_discord_markdown_mentions_and_buttons(window: Window, bots: Bots, playground: Playground) -> None:
    server = playground.discord
    await window.go("#help")
    await window.say("Who knows?")
    await expect(window.said("@Parley Who knows?")).to_be_visible()
    channel = next(each for each in server.world.channels.values() if each.name == "help")
    body = {
        "content": "# Hours\n- Monday\n- Tuesday\n```py\n1 < 2\n```\n[all](https://example.org/hours)",
        "components": [{"type": 1, "components": [{"type": 2, "style": 2, "label": "Thanks", "custom_id": "q:1:0"}]}],
    }
    await bots.discord("POST", f"/channels/{channel.id}/messages", body)
    answer = window.answers.last
    await expect(answer.get_by_role("heading", name="Hours")).to_be_visible()
    await expect(answer.get_by_role("listitem")).to_have_text(["Monday", "Tuesday"])
    await expect(answer.locator("pre")).to_have_text("1 < 2\n")
    await expect(answer.get_by_role("link", name="all")).to_have_attribute("href", "https://example.org/hours")

    await answer.get_by_role("button", name="Thanks").click()
    await expect(window.notice).to_have_text("The application did not respond.")


async def test_a_new_customer_has_chats_of_their_own(window: Window, bots: Bots) -> None:
    await window.say("I am Ann")
    await expect(window.said("I am Ann")).to_be_visible()
    await window.page.get_by_role("button", name="New").click()
    await window.page.get_by_label("Name").fill("Chen")
    await window.page.keyboard.press("Enter")
    await expect(window.page.get_by_label("Customer whom you play")).to_have_value("3")
    await expect(window.said("I am Ann")).to_have_count(0)
    await window.say("I am Chen")
    assert (await message_to(bots))["from"]["first_name"] == "Chen"


async def test_a_customer_blocks_the_bot(window: Window, bots: Bots) -> None:
    await window.say("Hello")
    chat = (await message_to(bots))["chat"]["id"]
    await window.page.get_by_role("button", name="Block the bot").click()
    await expect(window.page.get_by_role("button", name="Unblock the bot")).to_be_visible()
    url = {"chat_id": chat, "text": "Still there?"}
    with pytest.raises(KeyError):
        await bots.telegram("sendMessage", **url)


async def test_the_settings_are_shown_as_a_file(window: Window, playground: Playground) -> None:
    await window.page.get_by_role("button", name="Connect a bot").click()
    dialog = window.page.get_by_role("dialog", name="Connect a bot")
    await expect(dialog).to_be_visible()
    shown = await dialog.locator("#environment").inner_text()
    assert dict(line.split("=", 1) for line in shown.splitlines()) == playground.environment


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_it_without_scrolling_sideways(
    chromium: Browser, playground: Playground, scheme: str
) -> None:
    phone: Any = {"viewport": {"width": 360, "height": 640}, "color_scheme": scheme}
    async with opened(chromium, playground.url, **phone) as window:
        await window.say("x" * 200)
        await expect(window.said("xxx")).to_be_visible()
        assert await window.page.evaluate("document.documentElement.scrollWidth") == 360
        background = await window.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(19, 21, 23)") == (scheme == "dark")


async def test_everything_is_reached_by_keyboard(window: Window, bots: Bots) -> None:
    await window.page.get_by_label("Customer whom you play").focus()
    reached = []
    for _ in range(12):
        await window.page.keyboard.press("Tab")
        name = "document.activeElement.ariaLabel || document.activeElement.innerText"
        reached.append(await window.page.evaluate(name))
    for name in ("New", "Direct messages with Parley", "Connect a bot", "Block the bot", "Messages", "Message", "Send"):
        assert name in reached


async def test_other_sites_may_not_act(playground: Playground) -> None:
    url, foreign = f"{playground.url}/playground/actions", {"Sec-Fetch-Site": "cross-site"}
    async with aiohttp.ClientSession() as session, session.post(url, data={"do": "write"}, headers=foreign) as response:
        assert response.status == 403


async def test_the_real_bot_answers_on_both_platforms(
    chromium: Browser, playground: Playground, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    write_bot_folder(folder, None)
    async with served(folder, playground.environment), opened(chromium, playground.url) as window:
        await expect(window.page.get_by_role("navigation").get_by_text("bot connected")).to_have_count(2)
        await window.say(QUESTION)
        await expect(window.answers.filter(has_text="60 days")).to_be_visible()
        await window.go("Direct messages")
        await window.say(QUESTION)
        await expect(window.answers.filter(has_text="60 days")).to_be_visible()
        await window.say("/help")
        await expect(window.answers.filter(has_text="/help")).to_be_visible()
