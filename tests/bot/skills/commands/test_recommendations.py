"""Recommendations in a conversation: by what was told, with the reason, and not for those who want none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bot.sample
from bot.knowledge.index import KnowledgeIndex
from bot.recommending.catalogue import Purchase, read_products
from bot.recommending.recommender import Recommender
from bot.settings import Settings
from generation.embedding import StaticEmbedder
from storage import Store
from tests.bot.skills.commands.conversation import PHRASES, Customer, pipeline

GOODS = read_products(Path(bot.sample.__file__).parent / "catalogue.csv")
ORDERS = [
    *(Purchase(f"c{number}", each) for number in range(8) for each in ("hilltop-2-tent", "tent-pegs")),
    *(Purchase(f"d{number}", each) for number in range(8) for each in ("crag-boots", "boot-wax")),
    *(Purchase(f"e{number}", "bottle") for number in range(9)),
    Purchase("48213", "crag-boots"),
    Purchase("anna", "hilltop-2-tent"),
]
Make = Callable[..., Customer]


@pytest.fixture
def shopper(store: Store, shop_index: KnowledgeIndex, embedder: StaticEmbedder, tmp_path: Path) -> Make:
    """A customer of a shop with a catalogue, who is not known to an API's client."""
    recommender = Recommender(GOODS, ORDERS, embedder)

    def make(**who: Any) -> Customer:
        stages = pipeline(store, shop_index, embedder, Settings(folder=tmp_path), recommender=recommender)
        return Customer(store, stages, **{"channel": "web", "conversation": "bea-1", "user": "bea", **who})

    return make


async def test_a_product_that_goes_with_ones_own_is_recommended_for_that(shopper: Make) -> None:
    bea = shopper()
    await bea.say("I bought the Hilltop 2 tent last week.")
    draft = await bea.say("What else would you recommend?")
    assert draft.text.split("\n")[1].startswith("- **Tent pegs** (€15): goes well with Hilltop 2 tent https://")
    assert draft.text == bea.published
    assert draft.trace["recommended"][0]["product"] == "tent-pegs"
    assert (await bea.say("/why")).text == PHRASES.text("why_recommendation", "en")


async def test_what_is_asked_for_is_answered_from_the_catalogue(shopper: Make) -> None:
    draft = await shopper().say("Which boots would you suggest for snow?")
    assert "**Snowfield boots**" in draft.text.split("\n")[1]
    assert PHRASES.text("recommendation_asked", "en") in draft.text


async def test_an_order_number_helps_but_does_not_tell_what_was_in_the_parcel(shopper: Make) -> None:
    eve = shopper(user="eve", conversation="eve-1")
    await eve.say("My order number is 48213.")
    draft = await eve.say("What do you recommend?")
    assert "Boot wax" in draft.text
    assert "Crag boots" not in draft.text


async def test_what_an_api_user_bought_is_known_and_a_web_visitor_of_that_name_is_nobody(shopper: Make) -> None:
    anna = await shopper(channel="api", user="anna", conversation="anna-1").say("What do you recommend?")
    assert "goes well with Hilltop 2 tent" in anna.text
    visitor = await shopper(user="anna", conversation="anna-2").say("What do you recommend?")
    assert "Hilltop 2 tent" not in visitor.text.split("\n")[1]
    assert "goes well" not in visitor.text


async def test_in_a_group_nothing_told_in_private_shows(shopper: Make) -> None:
    await shopper().say("I bought the Hilltop 2 tent.")
    group = await shopper(conversation="group/bea", shared=True).say("What do you recommend?")
    assert "goes well" not in group.text


@pytest.mark.parametrize("words", ["/recommendations off", "No more recommendations, please!", "不要再推荐了"])
async def test_who_wants_none_gets_none_until_they_do(shopper: Make, words: str) -> None:
    bea = shopper()
    await bea.say(words)
    assert (await bea.say("What do you recommend?")).text == PHRASES.text("recommendations_are_off", "en")
    assert PHRASES.text("me_recommendations_off", "en") in (await bea.say("/me")).text
    await bea.say("/recommendations on")
    assert "recommended" in (await bea.say("What do you recommend?")).trace


async def test_what_the_catalogue_does_not_have_is_a_question_for_the_documents(shopper: Make) -> None:
    draft = await shopper().say("Which laptop would you recommend?")
    assert draft.route in ("answer", "decline")
    assert "recommended" not in draft.trace


async def test_without_a_catalogue_it_is_a_question(anna: Customer) -> None:
    draft = await anna.say("What do you recommend?")
    assert draft.route in ("answer", "decline")
