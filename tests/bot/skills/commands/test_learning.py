"""What customers tell on the way is kept with the reply."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.messages import Fact
from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import PHRASES, Customer


async def known(customer: Customer) -> Sequence[Fact]:
    """As the next turn may use it."""
    return await customer.store.facts.known(await customer.conversation())


async def test_a_fact_is_known_from_the_reply_on(anna: Customer) -> None:
    await anna.say("Hello, my name is Anna Berg. How long does shipping take?")
    (fact,) = await known(anna)
    assert (fact.kind, fact.value, fact.quote) == ("name", "Anna Berg", "my name is Anna Berg")


@pytest.mark.parametrize("text", ["/forget my order 48213", "/me I am Anna", "How long does shipping take?"])
async def test_commands_and_questions_teach_nothing(anna: Customer, text: str) -> None:
    await anna.say(text)
    assert not await known(anna)


async def test_a_question_behind_a_command_does(anna: Customer) -> None:
    await anna.say("/ask When does my order 48213 arrive?")
    assert [fact.value for fact in await known(anna)] == ["48213"]


async def test_a_nickname_makes_nobody_another_person(anna: Customer, make_customer: MakeCustomer) -> None:
    await anna.say("My order is 48213.")
    namesake = make_customer(conversation="mallory-1", user="mallory", user_name="Anna B.")
    await namesake.say("It's me, Anna B.! My name is Anna Berg.")
    assert [fact.kind for fact in await known(namesake)] == ["name"]


async def test_a_language_that_is_wished_for_is_spoken_from_then_on(
    anna: Customer, make_customer: MakeCustomer
) -> None:
    assert (await anna.say("I only speak French.")).language == "fr"
    assert (await anna.say("How long does standard shipping take?")).language == "fr"
    assert (await make_customer(conversation="anna-2").say("hello")).language == "fr"
    assert (await anna.say("/language auto")).language == "fr"
    assert (await anna.say("How long does standard shipping take?")).language == "en"


async def test_who_comes_back_is_greeted_by_name_but_not_before_others(
    anna: Customer, make_customer: MakeCustomer
) -> None:
    assert (await anna.say("Hi, I'm Anna!")).text == PHRASES.text("greeting_known", "en", name="Anna")
    another_day = make_customer(conversation="anna-2")
    assert (await another_day.say("hello")).text == PHRASES.text("greeting_again", "en", name="Anna")
    group = make_customer(conversation="group/anna", shared=True)
    assert "Anna" not in (await group.say("hello")).text
    assert "Anna" not in (await make_customer(conversation="ben-1", user="ben").say("hello")).text


async def test_a_person_who_takes_over_need_not_ask_again(anna: Customer, make_customer: MakeCustomer) -> None:
    await anna.say("My order number is 48213. My tent leaks.")
    group = make_customer(conversation="group/anna", shared=True)
    assert "48213" not in (await group.say("/human")).text
    text = (await anna.say("/human")).text
    assert text.endswith("You need not repeat what you have told me: Order “48213”, Problem “My tent leaks”.")
    assert "48213" not in (await anna.say("/human")).text, "once is enough"


async def test_what_is_only_told_is_noted_and_what_needs_help_or_is_asked_is_not(
    anna: Customer, make_customer: MakeCustomer
) -> None:
    noted = PHRASES.text("noted", "en", what="Order “48213”, Product of yours “Hilltop tent”")
    draft = await anna.say("My order number is 48213. I bought the Hilltop tent.")
    assert (draft.text, draft.route, draft.text) == (noted, "chat", anna.published)
    group = make_customer(conversation="group/anna", shared=True)
    assert (await group.say("My order number is 77777.")).text == PHRASES.text("noted", "en", what="Order")
    for text in ("My order is 48214, what is the airspeed velocity of a swallow?", "My kazoo jams."):
        assert (await anna.say(text)).route == "decline"
