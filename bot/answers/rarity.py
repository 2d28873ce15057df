"""How rare a term is in everyday talk, whatever the knowledge base.

A shop's twenty passages cannot tell that "spaceship" says more than "sell"; counts from public dialogues can.
`rarity.json` holds a weight for each common term of `bot.knowledge.analysis.terms`, counted in English and
Chinese turns of star, cucom, taskmaster4, doc2dial, multidogo, banking77, persona_chat, memorybank, tau_retail,
kdconv and crosswoz.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import resources

from bot.knowledge.analysis import terms


class Rarity:
    """Weights of terms from 0 (in every turn) to 1 (hardly ever seen)."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights

    def __call__(self, term: str) -> float:
        """The weight of a term."""
        return self._weights.get(term, 1.0)

    def weights(self, words: Iterable[str]) -> dict[str, float]:
        """The weight of each different term."""
        return {term: self(term) for term in words}


def load() -> Rarity:
    """The counts that come with the package."""
    return Rarity(json.loads(resources.files("bot.answers").joinpath("rarity.json").read_text("utf-8")))


def count(texts: Iterable[str], least: int = 4) -> dict[str, float]:
    """Weights from the turns of one language: the surprise at a term, as a share of that at an unseen one.

    Terms of fewer than `least` turns are left out and count as unseen.
    """
    turns = 0
    seen: Counter[str] = Counter()
    for text in texts:
        turns += 1
        seen.update(set(terms(text)))
    unseen = math.log(turns / least) + 1
    return {term: round(math.log(turns / n) / unseen, 2) for term, n in seen.items() if n >= least}
