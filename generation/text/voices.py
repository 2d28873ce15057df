"""Invented shops and assistants, so that a model learns to take its name from the persona it is given."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from importlib import resources

from generation.text.cleaning import SHOP
from generation.text.personal import BOT


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: the persona's text, and what fills the slots of the dialogues."""

    bot: str
    shop: str
    persona: str

    def fill(self, text: str) -> str:
        """The text with its `{bot}` and `{shop}` slots filled."""
        return text.replace(BOT, self.bot).replace(SHOP, self.shop)


ONSETS = (*"bcdfghjklmnprstvwz", "br", "ch", "cl", "dr", "fl", "gr", "kl", "pr", "sh", "st", "th", "tr")
NUCLEI = (*"aeiou", "ai", "ea", "ee", "io", "oa", "ou")
CODAS = ("", "", "", "l", "m", "n", "r", "s", "x", "nd", "rt", "lo", "ra", "ta")
INVENTED = 0.5  # share of the names that nobody has heard before


class Voices:
    """Makes voices by chance: names that come with this package, and as many that are made of syllables, which can
    only be read from the persona."""

    def __init__(self) -> None:
        file = resources.files("generation.text") / "data" / "voices.json"
        self._parts: dict[str, list[str]] = json.loads(file.read_text("utf-8"))

    def draw(self, rng: random.Random) -> Voice:
        """A bot and a shop with invented names, and a persona of one to four sentences."""
        bot = self._name("names", rng)
        shop = f"{self._name('first_words', rng)} {rng.choice(self._parts['last_words'])}"
        manners = rng.sample(self._parts["manners"], rng.choice((0, 0, 1, 2, 3)))
        persona = " ".join((rng.choice(self._parts["openings"]), *manners))
        return Voice(bot, shop, persona.replace(BOT, bot).replace(SHOP, shop))

    def _name(self, known: str, rng: random.Random) -> str:
        if rng.random() >= INVENTED:
            return rng.choice(self._parts[known])
        syllables = (rng.choice(ONSETS) + rng.choice(NUCLEI) for _ in range(rng.choice((1, 2, 2, 3))))
        return ("".join(syllables) + rng.choice(CODAS)).capitalize()
