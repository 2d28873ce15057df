"""What is stored about a person, told to that person."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import PHRASES, Customer


async def test_it_tells_name_channel_language_and_messages(anna: Customer, make_customer: MakeCustomer) -> None:
    await anna.say("hello")
    await make_customer(conversation="anna-2").say("hello again")
    await make_customer(conversation="ben-1", user="ben", user_name="Ben").say("hi")
    draft = await anna.say("/me")
    assert draft.route == "command"
    assert draft.text.split("\n")[1:] == [
        "Your name: Anna B.",
        "Where we talk: api",
        "Your language: English",
        f"Messages that you sent: 3, since {datetime.now(UTC):%Y-%m-%d}",
        PHRASES.text("me_no_facts", "en"),
        PHRASES.text("me_recommendations_on", "en"),
        PHRASES.text("me_how", "en"),
    ]


async def test_a_name_that_the_channel_did_not_tell_is_not_known(make_customer: MakeCustomer) -> None:
    nobody = make_customer(conversation="visitor", user="visitor", user_name="")
    assert "Your name: not known" in (await nobody.say("/me")).text


async def test_what_was_told_stands_with_its_day_and_its_words(anna: Customer) -> None:
    await anna.say("Hi, my name is Anna Berg and my order number is 48213. I only speak French.")
    lines = (await anna.say("/me")).text.split("\n")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert f"1. Nom : Anna Berg ({today}, vous avez écrit : « my name is Anna Berg »)" in lines
    assert any(line.startswith("2. Commande : 48213") for line in lines)
    assert any(line.startswith("3. Langue : français") for line in lines)


async def test_it_can_be_asked_for_in_words(anna: Customer) -> None:
    await anna.say("My order number is 48213.")
    assert "48213" in (await anna.say("What do you know about me?")).text


async def test_where_others_read_along_nothing_personal_is_said(anna: Customer, make_customer: MakeCustomer) -> None:
    await anna.say("My order number is 48213.")
    group = make_customer(conversation="group/anna", shared=True)
    for text in ("/me", "/forget", "/forget all", "/forget everything yes", "/link", "/unlink"):
        assert (await group.say(text)).text == PHRASES.text("write_privately", "en")
    assert "48213" in (await anna.say("/me")).text
