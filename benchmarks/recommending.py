"""How often one of ten recommended products is in a customer's last order, against the ten most bought ones.

On the orders of tau_retail, and in a simulated shop. The orders of tau_retail were invented by drawing products at
random: `independence` is the spread of the pairs that were bought together around what chance expects, in standard
deviations, and 1 is chance alone. Nothing can be learnt there from what somebody has bought. In the simulated shop each
customer buys by a taste of their own; `known tastes` ranks by that taste itself, which is the best that can be done.
`python -m benchmarks.recommending [--json]`
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bot.app.parts import BUILTIN_EMBEDDER
from bot.recommending.catalogue import Product, Purchase
from bot.recommending.recommender import Recommender, Taste
from generation.embedding import StaticEmbedder

DATA = Path(__file__).parents[2] / "shared" / "data" / "tau_retail"
DEPTH = 10
WANTED = 1.5
CUSTOMERS, PRODUCTS, TASTES = 600, 200, 8

Rank = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Shop:
    """Products and each customer's orders in their order; the last one is to be foreseen. `tastes` are the customers'
    own preferences where they are known, as shares by product."""

    products: tuple[Product, ...]
    orders: Mapping[str, Sequence[Sequence[str]]]
    tastes: Mapping[str, NDArray[np.float64]] | None = None

    def earlier(self) -> list[Purchase]:
        """All that was bought before the last orders."""
        return [
            Purchase(customer, product)
            for customer, orders in self.orders.items()
            for order in orders[: max(len(orders) - 1, 1)]
            for product in order
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    embedder = StaticEmbedder.load(BUILTIN_EMBEDDER)
    figures = {"simulated": measured(simulated(), embedder)}
    if DATA.exists():
        figures = {"tau_retail": measured(tau_retail(), embedder), **figures}
    if arguments.json:
        print(json.dumps(figures))
        return
    table = Table("", *figures)
    for name in figures["simulated"]:
        table.add_row(name, *(f"{shop[name]:.3f}" if name in shop else "-" for shop in figures.values()))
    Console().print(table)


def measured(shop: Shop, embedder: StaticEmbedder) -> dict[str, Any]:
    """Hit rates of the three ways to rank, and what is behind them."""
    purchases = shop.earlier()
    recommender = Recommender(shop.products, purchases, embedder)
    most_bought = [product for product, _ in Counter(each.product for each in purchases).most_common()]
    before = {customer: [p for order in orders[:-1] for p in order] for customer, orders in shop.orders.items()}

    def recommended(customer: str) -> Sequence[str]:
        taste = Taste(owned=tuple(before[customer]))
        return [each.product.id for each in recommender.recommend(taste, DEPTH)]

    begin = time.perf_counter()
    hits, random = _hit_rate(shop, recommended), _hit_rate(shop, _shuffled(shop))
    seconds = (time.perf_counter() - begin) / len(shop.orders)
    popular = _hit_rate(shop, lambda customer: most_bought)
    known = {"known tastes": _hit_rate(shop, _by_taste(shop, before))} if shop.tastes else {}
    return {
        "customers": float(sum(len(orders) > 1 for orders in shop.orders.values())),
        "at random": random,
        "popularity": popular,
        "recommended": hits,
        **known,
        "times popularity": hits / popular,
        "wanted": WANTED,
        "highest that is possible": 1 / popular,
        "independence": independence(shop),
        "milliseconds": 1000 * seconds,
    }


def _hit_rate(shop: Shop, rank: Rank) -> float:
    tested = [customer for customer, orders in shop.orders.items() if len(orders) > 1]
    return sum(not set(rank(each)[:DEPTH]).isdisjoint(shop.orders[each][-1]) for each in tested) / len(tested)


def _shuffled(shop: Shop) -> Rank:
    generator = np.random.default_rng(0)
    ids = [product.id for product in shop.products]
    return lambda customer: list(generator.permutation(ids))


def _by_taste(shop: Shop, before: Mapping[str, Sequence[str]]) -> Rank:
    ids = [product.id for product in shop.products]

    def rank(customer: str) -> Sequence[str]:
        assert shop.tastes is not None
        order = np.argsort(-shop.tastes[customer])
        return [ids[place] for place in order if ids[place] not in before[customer]]

    return rank


def independence(shop: Shop) -> float:
    """Standard deviation of (observed - expected) / sqrt(expected) over the pairs of products in one order."""
    orders = [set(order) for orders in shop.orders.values() for order in orders]
    ids = [product.id for product in shop.products]
    baskets = np.array([[each in order for each in ids] for order in orders], dtype=np.float64)
    bought = baskets.sum(axis=0)
    sizes = baskets.sum(axis=1)
    pairs = (sizes * (sizes - 1)).sum() / (sizes.sum() ** 2 - (bought**2).sum())
    expected = np.outer(bought, bought) * pairs
    above = np.triu_indices(len(ids), 1)
    kept = expected[above] > 0
    deviation = ((baskets.T @ baskets)[above][kept] - expected[above][kept]) / np.sqrt(expected[above][kept])
    return float(deviation.std())


def tau_retail() -> Shop:
    """Invented customers, 1,000 orders, 50 products."""
    users, orders, products = (_rows(name) for name in ("users", "orders", "products"))
    bought = {order["key"]: [item["product_id"] for item in order["items"]] for order in orders}
    return Shop(
        tuple(Product(product["key"], product["name"]) for product in products),
        {user["key"]: [bought[key] for key in user["orders"]] for user in users if user["orders"]},
    )


def simulated() -> Shop:
    """Customers with one or two of eight tastes, products that belong to one each, and nobody buys a thing twice."""
    generator = np.random.default_rng(7)
    groups = generator.integers(0, TASTES, PRODUCTS)
    appeal = 1 / (1 + generator.permutation(PRODUCTS)) ** 0.5
    ids = [f"p{number}" for number in range(PRODUCTS)]
    orders: dict[str, list[list[str]]] = {}
    tastes: dict[str, NDArray[np.float64]] = {}
    for customer in (f"c{number}" for number in range(CUSTOMERS)):
        liked = generator.choice(TASTES, generator.integers(1, 3), replace=False)
        taste = appeal * np.where(np.isin(groups, liked), 1.0, 0.03)
        tastes[customer] = taste / taste.sum()
        sizes = generator.integers(1, 5, generator.integers(2, 6))
        bought = generator.choice(PRODUCTS, sizes.sum(), replace=False, p=tastes[customer])
        orders[customer] = [[ids[each] for each in order] for order in np.split(bought, np.cumsum(sizes)[:-1])]
    return Shop(tuple(Product(each, f"Article {each}") for each in ids), orders, tastes)


def _rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / f"db_{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
