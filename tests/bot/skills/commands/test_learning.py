"""What customers tell on the way is kept with the reply."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.messages import Fact
from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import Customer


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
