"""Accounts on several channels that become one person."""

from __future__ import annotations

import regex

from bot.skills.commands.link import HOUR, WRONG_CODES, WrongCodes
from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import PHRASES, Customer

CODE = regex.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


async def code_of(customer: Customer) -> str:
    found = CODE.search((await customer.say("/link")).text)
    assert found
    return found[0]


async def test_what_was_told_on_one_channel_is_known_on_the_other(anna: Customer, make_customer: MakeCustomer) -> None:
    await anna.say("My name is Anna Berg, my order number is 48213.")
    phone = make_customer(channel="telegram", conversation="77", user="77", user_name="annie")
    await phone.say("hi")
    assert "48213" not in (await phone.say("/me")).text
    assert (await phone.say(f"/link {await code_of(anna)}")).text == PHRASES.text("link_linked", "en")
    text = (await phone.say("/me")).text
    assert "48213" in text
    assert "Your linked accounts: api (Anna B.), telegram (annie)" in text
    assert "telegram" in (await anna.say("/me")).text


async def test_a_code_is_for_one_account(anna: Customer, make_customer: MakeCustomer) -> None:
    code = await code_of(anna)
    ben, eve = (make_customer(conversation=f"{name}-1", user=name, user_name=name) for name in ("ben", "eve"))
    await ben.say(f"/link {code}")
    assert (await eve.say(f"/link {code}")).text == PHRASES.text("link_unknown", "en")
    assert (await ben.say(f"/link {code}")).text == PHRASES.text("link_already", "en")


async def test_ones_own_code_links_nothing(anna: Customer) -> None:
    assert (await anna.say(f"/link {await code_of(anna)}")).text == PHRASES.text("link_same", "en")


async def test_a_code_that_others_could_read_is_made_useless(anna: Customer, make_customer: MakeCustomer) -> None:
    code = await code_of(anna)
    group = make_customer(conversation="group/ben", user="ben", shared=True)
    assert (await group.say(f"/link {code}")).text == PHRASES.text("link_burnt", "en")
    eve = make_customer(conversation="eve-1", user="eve")
    assert (await eve.say(f"/link {code}")).text == PHRASES.text("link_unknown", "en")


async def test_guessing_ends_after_a_few_tries(anna: Customer, make_customer: MakeCustomer) -> None:
    code = await code_of(anna)
    eve = make_customer(conversation="eve-1", user="eve")
    for guess in range(WRONG_CODES):
        assert (await eve.say(f"/link AAAAA-AAAA{guess}")).text == PHRASES.text("link_unknown", "en")
    assert (await eve.say(f"/link {code}")).text == PHRASES.text("link_wait", "en")


def test_an_hour_later_there_may_be_more_tries() -> None:
    now = 0.0
    tries = WrongCodes(lambda: now)
    for _ in range(WRONG_CODES):
        assert not tries.too_many("eve")
        tries.add("eve")
    assert tries.too_many("eve")
    assert not tries.too_many("ben")
    now += HOUR
    assert not tries.too_many("eve")


async def test_accounts_can_be_taken_apart_again(anna: Customer, make_customer: MakeCustomer) -> None:
    await anna.say("My order number is 48213.")
    ben = make_customer(conversation="ben-1", user="ben", user_name="Ben")
    await ben.say(f"/link {await code_of(anna)}")
    assert (await ben.say("/unlink")).text == PHRASES.text("unlinked", "en")
    assert "48213" not in (await ben.say("/me")).text
    assert "48213" in (await anna.say("/me")).text
    assert (await anna.say("/unlink")).text == PHRASES.text("unlink_none", "en")
