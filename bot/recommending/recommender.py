"""Which products fit a customer: by what was bought together, by category, by words, and by popularity.

What others bought: for each product that the customer has, the share of its buyers who also bought another one, drawn
towards that one's popularity by as much as there is little evidence:
    P(j | i) = (n_ij + K * p_j) / (n_i + K),    p_j = (n_j + 1) / (sum of n + number of products)
and the mean of these over the products that the customer has; without any it is p_j. Where category is known, the same
estimate between categories is multiplied on, as P(c_j | c_i) / P(c_j). Words: the mean of
the cosine of the embedder's vectors and of the share of the request's terms that a product has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.analysis import terms
from bot.knowledge.lexical import LexicalIndex
from bot.protocols import Embedder
from bot.recommending.catalogue import Product, Purchase

_NO_TASTE = frozenset(terms("love like prefer enjoy really wear hate dislike avoid stand allergic favourite favorite"))
Array = NDArray[np.float32]
Reason = Literal["bought", "asked", "said", "order", "popular", "offered"]

EVIDENCE = 5.0
"""K: so many buyers of a product count as much as its popularity among all."""
WORDS_WEIGHT = 10.0
"""How much the words of the request weigh against log-probabilities."""
SAID_WEIGHT = 3.0
RELEVANT = 0.4
"""Products whose words fit less than this share of the best do not answer a request that names something."""
LEAST_RELEVANCE = 0.25
"""A request whose best product fits less than this names nothing in the catalogue."""
DISLIKED = 0.5
"""Products that have so much of the words of an aversion are left out."""
DIFFERENCE = 0.2
"""How much likelier a product must be made by another one for that to be the reason (in nats)."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What is known of a customer: the words of the request, what they have `said` that they like or `disliked`, and
    the ids of products that they have by their own words or account (`owned`), or by order numbers that they told
    (`ordered`): those are not named to them, since whoever guesses a number would learn what was in the parcel."""

    asked: str = ""
    said: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    owned: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A product and why: `because` is the product or the words that speak for it."""

    product: Product
    reason: Reason
    because: str = ""


class Recommender:
    """Ranks a catalogue. Blocking: a call takes a few milliseconds for thousands of products."""

    def __init__(self, products: Sequence[Product], purchases: Sequence[Purchase], embedder: Embedder) -> None:
        self.products = tuple(products)
        self._embedder = embedder
        self._places = {product.id: place for place, product in enumerate(self.products)}
        self._vectors = embedder.encode([product.text for product in self.products])
        self._words = LexicalIndex([terms(product.text) for product in self.products])
        baskets = self._baskets(purchases)
        bought = baskets.sum(axis=0)
        self._popularity = _shares(bought)
        self._is_popular = bought > bought.mean()
        self._affinity = _affinity(baskets, self._popularity)
        self._kinship = self._category_kinship(baskets)
        self._bought: dict[str, list[str]] = {}
        for purchase in purchases:
            self._bought.setdefault(purchase.customer, []).append(purchase.product)

    def bought_by(self, customer: str) -> Sequence[str]:
        """Ids of the products of an order number, or of a user of an API client, as the orders file has it."""
        return self._bought.get(customer, ())

    def recommend(self, taste: Taste, count: int = 3) -> list[Recommendation]:
        """The best products that the customer does not have yet, best first; none when the request names something
        of which the catalogue has nothing."""
        if not self.products:
            return []
        asked = self._fit(taste.asked, taste.language)
        said = [self._fit(words, taste.language) for words in taste.said]
        scores = self.scores(taste) + WORDS_WEIGHT * asked + SAID_WEIGHT * sum(said, np.zeros_like(asked))
        allowed = np.ones(len(self.products), dtype=bool)
        if taste.asked:
            if asked.max() < LEAST_RELEVANCE:
                return []
            allowed = asked >= RELEVANT * asked.max()
        allowed[self._at((*taste.owned, *taste.ordered))] = False
        for words in taste.disliked:
            allowed &= self._lexical(words) < DISLIKED
        best = [place for place in np.argsort(-scores, kind="stable") if allowed[place]][:count]
        return [self._explained(int(place), taste, said) for place in best]

    def scores(self, taste: Taste) -> Array:
        """[products]: log-probability of the next purchase, by what the customer has alone."""
        has = self._at((*taste.owned, *taste.ordered))
        shares = self._affinity[has].mean(axis=0) * self._kinship[has].mean(axis=0) if has else self._popularity
        logarithms: Array = np.log(shares)
        return logarithms

    def find(self, name: str) -> Product | None:
        """The product that somebody means by these words: they contain its name, or are the end of one name alone."""
        wanted = terms(name)
        if not wanted:
            return None
        named = [product for product in self.products if _contains(wanted, terms(product.name))]
        if named:
            return max(named, key=lambda product: len(product.name))
        ending = [product for product in self.products if terms(product.name)[-len(wanted) :] == wanted]
        return ending[0] if len(ending) == 1 else None

    def _at(self, ids: Collection[str]) -> list[int]:
        return [self._places[each] for each in dict.fromkeys(ids) if each in self._places]

    def _baskets(self, purchases: Iterable[Purchase]) -> Array:
        """[customers, products]: 1 where bought. Products that are no longer sold are left out."""
        customers: dict[str, int] = {}
        cells = [
            (customers.setdefault(purchase.customer, len(customers)), self._places[purchase.product])
            for purchase in purchases
            if purchase.product in self._places
        ]
        baskets = np.zeros((len(customers), len(self.products)), dtype=np.float32)
        for row, column in cells:
            baskets[row, column] = 1
        return baskets

    def _category_kinship(self, baskets: Array) -> Array:
        """[products, products]: how much likelier a product's category makes another's, 1 without evidence."""
        names = sorted({product.category for product in self.products})
        places = [names.index(product.category) for product in self.products]
        member = np.eye(len(names), dtype=np.float32)[places]
        by_category = np.minimum(baskets @ member, 1)
        popularity = _shares(by_category.sum(axis=0))
        lift = _affinity(by_category, popularity, diagonal=True) / popularity
        kinship: Array = lift[np.ix_(places, places)]
        return kinship

    def _fit(self, words: str, language: str) -> Array:
        """[products]: how well words fit each product, from 0 to 1."""
        lexical = self._lexical(words)
        if not words or language not in self._embedder.languages:
            return lexical
        cosine: Array = self._vectors @ self._embedder.encode([words])[0]
        return np.float32(0.5) * (lexical + cosine)

    def _lexical(self, words: str) -> Array:
        """[products]: the share of the words that a product has, weighed by their rarity."""
        found = dict.fromkeys(term for term in terms(words) if term not in _NO_TASTE)
        most = sum(self._words.idf(term) for term in found)
        scores: Array = self._words.scores_of_presence(found) / max(most, 1e-6)
        return scores

    def _explained(self, place: int, taste: Taste, said: Sequence[Array]) -> Recommendation:
        product = self.products[place]
        had: tuple[tuple[Reason, list[int]], ...] = (
            ("bought", self._at(taste.owned)),
            ("order", self._at(taste.ordered)),
        )
        for reason, has in had:
            lift = [np.log(self._affinity[each, place] / self._popularity[place]) for each in has]
            if lift and max(lift) > DIFFERENCE:
                because = self.products[has[int(np.argmax(lift))]].name if reason == "bought" else ""
                return Recommendation(product, reason, because)
        fits = [float(each[place]) for each in said]
        if fits and max(fits) >= LEAST_RELEVANCE:
            return Recommendation(product, "said", taste.said[int(np.argmax(fits))])
        if taste.asked:
            return Recommendation(product, "asked")
        return Recommendation(product, "popular" if self._is_popular[place] else "offered")


def _shares(counts: Array) -> Array:
    shares: Array = (counts + 1) / (counts.sum() + len(counts))
    return shares


def _affinity(baskets: Array, popularity: Array, *, diagonal: bool = False) -> Array:
    """[products, products]: P(j | i), shrunk towards the popularity; a product says nothing of itself."""
    together = baskets.T @ baskets
    buyers = np.diag(together).copy()
    if not diagonal:
        np.fill_diagonal(together, 0)
    size = np.maximum(baskets.sum(axis=1).mean() - 1 if len(baskets) else 1, 1)
    expected = popularity[None, :] * size
    shares: Array = (together + EVIDENCE * expected) / (buyers[:, None] + EVIDENCE)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def _contains(words: Sequence[str], name: Sequence[str]) -> bool:
    return bool(name) and any(list(words[i : i + len(name)]) == list(name) for i in range(len(words)))
