"""Which products are recommended, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot.sample
from bot.recommending.catalogue import Product, Purchase, read_products
from bot.recommending.recommender import Recommendation, Recommender, Taste
from generation.embedding import StaticEmbedder

GOODS = read_products(Path(bot.sample.__file__).parent / "catalogue.csv")


def bought(*baskets: str) -> list[Purchase]:
    """A customer for each text of product ids."""
    return [Purchase(f"c{number}", each) for number, ids in enumerate(baskets) for each in ids.split()]


@pytest.fixture(scope="module")
def shop(embedder: StaticEmbedder) -> Recommender:
    """Tents go with pegs and groundsheets, boots with wax; bottles go with everything."""
    orders = ["hilltop-2-tent tent-pegs groundsheet"] * 8 + ["crag-boots boot-wax"] * 8 + ["bottle stove"] * 12
    return Recommender(GOODS, bought(*orders, "bottle", "bottle headlamp"), embedder)


def ids(found: list[Recommendation]) -> list[str]:
    return [each.product.id for each in found]


def test_without_anything_to_go_by_it_is_what_most_people_buy(shop: Recommender) -> None:
    (first, *_) = shop.recommend(Taste())
    assert (first.product.id, first.reason) == ("bottle", "popular")


def test_what_goes_with_what_one_has_comes_first_with_that_reason(shop: Recommender) -> None:
    found = shop.recommend(Taste(owned=("hilltop-2-tent",)), 2)
    assert set(ids(found)) == {"tent-pegs", "groundsheet"}
    assert {(each.reason, each.because) for each in found} == {("bought", "Hilltop 2 tent")}


def test_what_an_order_number_tells_is_used_but_not_named(shop: Recommender) -> None:
    found = shop.recommend(Taste(ordered=("crag-boots",)), 1)
    assert [(each.product.id, each.reason, each.because) for each in found] == [("boot-wax", "order", "")]


def test_what_one_has_is_not_recommended_again(shop: Recommender) -> None:
    has = ("hilltop-2-tent", "tent-pegs")
    assert not set(has) & set(ids(shop.recommend(Taste(owned=has), len(GOODS))))


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("boots snow", "snowfield-boots"),
        ("waterproof jacket", "stormline-jacket"),
        ("something warm to sleep in on cold nights", "polar-sleeping-bag"),
        ("tent for a family", "hilltop-4-tent"),
    ],
)
def test_what_is_asked_for_comes_first(shop: Recommender, asked: str, wanted: str) -> None:
    found = shop.recommend(Taste(asked=asked))
    assert ids(found)[0] == wanted
    assert found[0].reason == "asked"


def test_of_what_the_catalogue_does_not_have_nothing_is_recommended(shop: Recommender) -> None:
    assert shop.recommend(Taste(asked="xylophone", language="zh")) == []


def test_what_is_liked_counts_and_what_is_disliked_is_left_out(shop: Recommender) -> None:
    liked = shop.recommend(Taste(asked="sleeping bag", said=("prefer light things for summer nights",)))
    assert (liked[0].product.id, liked[0].reason) == ("summer-sleeping-bag", "said")
    found = shop.recommend(Taste(asked="socks", disliked=("don't like wool",)))
    assert "trail-socks" not in ids(found)


def test_every_product_is_from_the_catalogue(shop: Recommender) -> None:
    for asked in ("", "tent", "jacket for the moon", "帐篷"):
        assert {each.product for each in shop.recommend(Taste(asked=asked), 50)} <= set(GOODS)


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("Stormline jacket", "stormline-jacket"),
        ("new green stormline jacket", "stormline-jacket"),
        ("poncho", "drizzle-poncho"),
        ("tent", None),
        ("laptop", None),
        ("", None),
    ],
)
def test_a_product_is_found_by_how_customers_call_it(shop: Recommender, name: str, product: str | None) -> None:
    found = shop.find(name)
    assert (found.id if found else None) == product


def test_categories_help_where_a_product_was_hardly_bought(embedder: StaticEmbedder) -> None:
    goods = [Product(f"{kind}{n}", f"{kind} {n}", category=kind) for kind in ("tea", "ink") for n in range(5)]
    orders = ["tea0 tea1", "tea1 tea2", "tea0 tea2", "tea3 tea1", "ink0 ink1", "ink2 ink3", "ink0 ink3", "ink1 ink2"]
    recommender = Recommender(goods, bought(*orders * 3), embedder)
    found = recommender.recommend(Taste(owned=("tea4",)), 3)
    assert {each.product.category for each in found} == {"tea"}


def test_an_empty_catalogue_recommends_nothing(embedder: StaticEmbedder) -> None:
    assert Recommender([Product("a", "A")], [], embedder).recommend(Taste(owned=("a",))) == []


def test_nothing_is_called_popular_that_nobody_has_bought(embedder: StaticEmbedder) -> None:
    found = Recommender(GOODS, [], embedder).recommend(Taste())
    assert {each.reason for each in found} == {"offered"}
