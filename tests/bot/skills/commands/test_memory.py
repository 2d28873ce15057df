"""Questions about what was said before are answered with the words themselves."""

from __future__ import annotations

import pytest

from bot.messages import Draft
from bot.settings import BotSection
from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import PHRASES, Customer

TENT = "My order 4711 with the green tent has a broken pole."
DELIVERY = "do you deliver to the united states?"


def quotes(draft: Draft) -> list[str]:
    """What is shown between quotation marks."""
    return [line.partition("“")[2].rstrip("”") for line in draft.text.split("\n")[1:]]


async def test_what_the_customer_asked_is_shown_with_the_reply(anna: Customer) -> None:
    answer = await anna.say(DELIVERY)
    await anna.say(TENT)
    draft = await anna.say("What did I ask you about delivery to the United States?")
    assert draft.route == "answer"
    assert draft.text.startswith(PHRASES.text("memory_found", "en"))
    assert quotes(draft)[0] == DELIVERY
    assert " ".join(answer.text.split()).startswith(quotes(draft)[1].rstrip("…").rstrip())
    assert anna.published == draft.text
    (found,) = draft.trace["remembered"]
    assert found["message"].startswith("m_")


async def test_why_tells_that_it_was_said_before(anna: Customer) -> None:
    await anna.say(TENT)
    await anna.say("what did I tell you about the tent?")
    assert (await anna.say("/why")).text == PHRASES.text("why_memory", "en")


async def test_it_is_remembered_in_another_conversation_of_the_same_person(make_customer: MakeCustomer) -> None:
    await make_customer().say(TENT)
    draft = await make_customer(conversation="anna-2").say("Do you remember what I told you about my tent?")
    assert quotes(draft)[0] == TENT


async def test_another_person_learns_nothing(make_customer: MakeCustomer) -> None:
    await make_customer().say(TENT)
    ben = make_customer(user="ben", conversation="ben-1", user_name="Anna B.")
    draft = await ben.say("What did I tell you about my tent?")
    assert draft.trace["remembered"] == []
    assert "4711" not in draft.text
    assert draft.text.startswith(PHRASES.text("memory_nothing", "en")) or draft.route == "answer"


async def test_in_a_group_nothing_private_is_shown(make_customer: MakeCustomer) -> None:
    await make_customer().say(TENT)
    in_group = make_customer(conversation="group/anna", shared=True)
    assert "4711" not in (await in_group.say("What did I tell you about my tent?")).text
    await in_group.say("I need a rope for the climbing hall.")
    assert "climbing hall" in (await in_group.say("What did I say about the climbing hall?")).text
    at_home = make_customer(conversation="anna-2")
    assert "climbing hall" in (await at_home.say("What did I say about the climbing hall?")).text


async def test_what_was_said_last_is_shown_when_no_subject_is_named(anna: Customer) -> None:
    await anna.say("hello")
    await anna.say(TENT)
    draft = await anna.say("What did I ask you last time?")
    assert quotes(draft)[0] == TENT
    assert "hello" not in draft.text


async def test_where_nothing_was_said_the_documents_answer(anna: Customer) -> None:
    draft = await anna.say("What did you say, do you deliver to the united states?")
    assert draft.route == "answer"
    assert draft.citations
    declined = await anna.say("What did I tell you about the airspeed of swallows?")
    assert declined.route == "decline"
    assert declined.text.startswith(PHRASES.text("memory_nothing", "en"))


async def test_questions_about_the_past_are_not_remembered_themselves(anna: Customer) -> None:
    await anna.say(TENT)
    first = await anna.say("What did I tell you about the tent?")
    again = await anna.say("What did I tell you about the tent?")
    assert again.text == first.text


@pytest.mark.parametrize(
    ("said", "question", "language"),
    [
        ("我的帐篷杆断了。", "我上次跟你说过帐篷什么问题？", "zh"),
        ("Mein Zelt hat eine kaputte Stange.", "Was habe ich dir über mein Zelt gesagt?", "de"),
        ("Ma tente a un arceau cassé.", "Qu'est-ce que j'ai dit sur ma tente ?", "fr"),
        ("Mi tienda tiene un palo roto.", "¿Qué dije sobre mi tienda?", "es"),
    ],
)
async def test_other_languages(make_customer: MakeCustomer, said: str, question: str, language: str) -> None:
    customer = make_customer(BotSection(name="Nora", language=language))
    await customer.say(said)
    draft = await customer.say(question)
    assert said in draft.text
    assert draft.language == language
