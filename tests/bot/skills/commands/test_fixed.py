"""Commands with a fixed answer."""

from __future__ import annotations

from bot.settings import BotSection
from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import PHRASES, Customer


async def test_what_cannot_be_done_is_said_in_words(anna: Customer) -> None:
    draft = await anna.say("/frobnicate")
    assert (draft.text, draft.route) == (PHRASES.text("unknown_command", "en"), "command")


async def test_the_first_word_is_a_greeting_by_name_or_the_operators_own(make_customer: MakeCustomer) -> None:
    assert "Nora" in (await make_customer().say("/start")).text
    customer = make_customer(BotSection(name="Nora", greeting="Welcome to the shop."))
    assert (await customer.say("/start shop_link")).text == "Welcome to the shop."


async def test_a_command_that_is_named_with_the_bot_is_the_same(anna: Customer) -> None:
    assert (await anna.say("/HELP@NoraBot")).text == (await anna.say("/help")).text
