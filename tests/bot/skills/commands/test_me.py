"""What is stored about a person, told to that person."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import Customer


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
    ]


async def test_a_name_that_the_channel_did_not_tell_is_not_known(make_customer: MakeCustomer) -> None:
    nobody = make_customer(conversation="visitor", user="visitor", user_name="")
    assert "Your name: not known" in (await nobody.say("/me")).text
