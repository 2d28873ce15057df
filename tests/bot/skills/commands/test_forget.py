"""The wish to be forgotten, in one thing or in all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.privacy import build_eraser
from bot.knowledge.index import KnowledgeIndex
from bot.settings import Settings
from generation.embedding import StaticEmbedder
from tests.bot.skills.commands.conftest import MakeCustomer
from tests.bot.skills.commands.conversation import PHRASES, Customer, pipeline


@pytest.fixture
async def told(anna: Customer) -> Customer:
    """Anna, who has told several things."""
    await anna.say("My name is Anna Berg. My email is anna@berg.example.")
    await anna.say("My email is anna.berg@berg.example, and my order number is 48213. I bought the Hilltop tent.")
    return anna


async def known(customer: Customer) -> list[str]:
    return [fact.kind for fact in await customer.store.facts.known(await customer.conversation())]


async def test_without_a_choice_it_lists_what_there_is(told: Customer) -> None:
    draft = await told.say("/forget")
    assert "4. Product of yours: Hilltop tent" in draft.text
    assert draft.quick_replies == ("/forget all", "/forget everything")
    assert not draft.ended


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("/forget 1", ["email", "order", "product"]),
        ("/forget 3, 4", ["name", "email"]),
        ("/forget email", ["name", "order", "product"]),
        ("/forget my order number", ["name", "email", "product"]),
        ("/forget tent", ["name", "email", "order"]),
        ("/forget 48213", ["name", "email", "product"]),
        ("/forget all", []),
        ("Please forget my name.", ["email", "order", "product"]),
        ("forget all you know about me", []),
        ("忘掉我的邮箱", ["name", "order", "product"]),
    ],
)
async def test_what_is_chosen_is_forgotten(told: Customer, words: str, left: list[str]) -> None:
    assert (await told.say(words)).ended
    assert await known(told) == left


async def test_with_an_address_its_earlier_forms_are_forgotten_too(told: Customer) -> None:
    await told.say("/forget email")
    customer = (await told.conversation()).customer_id
    values = [fact.value for fact in await told.store.facts.told(customer) if fact.kind == "email"]
    assert values == ["", ""]


@pytest.mark.parametrize("words", ["/forget 9", "/forget phone", "/forget spaceship"])
async def test_what_is_not_known_cannot_be_forgotten(told: Customer, words: str) -> None:
    draft = await told.say(words)
    assert draft.text == PHRASES.text("forget_unknown", "en")
    assert len(await known(told)) == 4


async def test_words_of_another_persons_facts_do_nothing(told: Customer, make_customer: MakeCustomer) -> None:
    ben = make_customer(conversation="ben-1", user="ben")
    await ben.say("/forget 48213")
    assert len(await known(told)) == 4


async def test_everything_is_erased_only_when_it_is_confirmed_and_then_by_a_person(told: Customer) -> None:
    for words in ("/forget everything", "Delete my data, please!"):
        draft = await told.say(words)
        assert draft.text == PHRASES.text("forget_confirm", "en")
        assert draft.quick_replies == ("/forget everything yes",)
    draft = await told.say("/forget everything yes")
    assert draft.text.startswith(f"{PHRASES.text('forget', 'en')}\n{PHRASES.text('handoff', 'en')}")
    assert told.published == draft.text
    (overview,) = await told.store.desk.inbox("waiting")
    thread = await told.store.desk.thread(overview.conversation.id)
    assert "/forget everything yes" in [message.text for message in thread.messages]


async def test_who_has_told_nothing_can_still_have_everything_erased(anna: Customer) -> None:
    draft = await anna.say("/forget")
    assert draft.text.startswith(PHRASES.text("me_no_facts", "en"))
    assert draft.quick_replies == ("/forget everything",)


async def test_a_bot_that_can_erase_does_so_and_still_answers(
    told: Customer, shop_index: KnowledgeIndex, embedder: StaticEmbedder, tmp_path: Path
) -> None:
    settings = Settings(folder=tmp_path)
    eraser = build_eraser(settings, told.store, rewriting=False)
    anna = Customer(told.store, pipeline(told.store, shop_index, embedder, settings, eraser=eraser))
    draft = await anna.say("/forget everything yes")
    assert draft.text == PHRASES.text("erased", "en")
    conversation = await anna.conversation()
    assert not await anna.store.facts.told(conversation.customer_id)
    said = [message.text for message in await anna.store.history.messages("api", "anna-1")]
    assert said == ["/forget everything yes", draft.text]
