"""The language that the customer chooses."""

from __future__ import annotations

import pytest

from bot.settings import BotSection
from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import PHRASES, Customer


async def test_it_is_spoken_from_then_on_even_to_words_of_another(anna: Customer) -> None:
    assert (await anna.say("/language zh")).text == PHRASES.text("language_set", "zh")
    for text in ("ok", "How long does standard shipping take, and what does it cost me?", "/help"):
        assert (await anna.say(text)).language == "zh"


async def test_it_holds_in_its_own_conversation_alone(anna: Customer, make_customer: MakeCustomer) -> None:
    await anna.say("/language zh")
    ben = make_customer(conversation="ben-1", user="ben")
    assert (await ben.say("Can I talk to a real person?")).language == "en"


async def test_another_choice_or_none_may_be_made_later(anna: Customer) -> None:
    await anna.say("/language fr")
    assert (await anna.say("/language es")).language == "es"
    assert (await anna.say("/language auto")).text == PHRASES.text("language_auto", "es")
    assert (await anna.say("How long does standard shipping take, please?")).language == "en"


@pytest.mark.parametrize(
    ("wish", "language"),
    [("de", "de"), ("DE", "de"), ("de-AT", "de"), ("zh_Hans", "zh"), ("Deutsch", "de"), ("中文", "zh")],
)
async def test_a_language_has_a_code_and_a_name(anna: Customer, wish: str, language: str) -> None:
    draft = await anna.say(f"/language {wish}")
    assert (draft.text, draft.language) == (PHRASES.text("language_set", language), language)


@pytest.mark.parametrize(("wish", "key"), [("", "language_choice"), ("klingon", "language_unknown")])
async def test_the_languages_are_listed_when_none_is_recognised(anna: Customer, wish: str, key: str) -> None:
    draft = await anna.say(f"/language {wish}")
    listed = "de (Deutsch), en (English), es (español), fr (français), zh (中文)"
    assert draft.text == PHRASES.text(key, "en", languages=listed)
    assert draft.chosen_language is None


async def test_where_the_operators_fixed_the_language_there_is_no_choice(make_customer: MakeCustomer) -> None:
    customer = make_customer(BotSection(language="zh"))
    assert "zh (中文)" in (await customer.say("/language en")).text
    assert (await customer.say("hello")).language == "zh"
