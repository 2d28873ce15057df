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


class Voices:
    """Makes voices by chance from the names and manners that come with this package."""

    def __init__(self) -> None:
        file = resources.files("generation.text") / "data" / "voices.json"
        self._parts: dict[str, list[str]] = json.loads(file.read_text("utf-8"))

    def draw(self, rng: random.Random) -> Voice:
        """A bot and a shop with invented names, and a persona of one to four sentences."""
        bot = rng.choice(self._parts["names"])
        shop = f"{rng.choice(self._parts['first_words'])} {rng.choice(self._parts['last_words'])}"
        manners = rng.sample(self._parts["manners"], rng.choice((0, 0, 1, 2, 3)))
        persona = " ".join((rng.choice(self._parts["openings"]), *manners))
        return Voice(bot, shop, persona.replace(BOT, bot).replace(SHOP, shop))
