"""Topics: what several passages are about together, such as a page, a product or a hotel.

A conversation stays with a topic and names it only once ("the Gonville Hotel ... is breakfast included?"), so the
topic that was named last says more about which passage is meant than many words of the question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import regex
from numpy.typing import NDArray

from bot.knowledge.analysis import terms
from bot.knowledge.lexical import LexicalIndex
from bot.messages import Passage

_SEPARATOR = regex.compile(r"\s[-–—›|>]\s")
_MENTION_FADE = 0.9
_NAMED = 0.7
"""The share of a topic's name, by rareness, from which on it counts as named."""


class Topics:
    """The topics of passages; `of` [passages] is the number of each passage's topic."""

    def __init__(self, passages: Sequence[Passage], words: Sequence[Sequence[str]]) -> None:
        numbers: dict[str, int] = {}
        self.of = np.array([numbers.setdefault(topic(passage), len(numbers)) for passage in passages], dtype=np.int64)
        self.sizes = np.bincount(self.of, minlength=len(numbers))
        contents: list[list[str]] = [[] for _ in numbers]
        for number, found in zip(self.of, words, strict=True):
            contents[number].extend(found)
        names = [list(dict.fromkeys(terms(name))) for name in numbers]
        self.contents = LexicalIndex(contents)
        self._names = LexicalIndex(names)
        self._totals = np.array([sum(map(self._names.idf, name)) for name in names], dtype=np.float32)
        self._order = np.argsort(self.of, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)

    def mentions(self, turns: Sequence[Sequence[str]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """[topics] twice: the share of the name that one turn has, and whether it is named; old turns count less."""
        shares = np.stack([self._share(turn) for turn in turns])
        fade = _MENTION_FADE ** np.arange(len(turns), dtype=np.float32)[:, None]
        return (shares * fade).max(axis=0), ((shares > _NAMED) * fade).max(axis=0)

    def mentioned_together(self, turns: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """[topics]: the share of the name that all turns together have."""
        return self._share([word for turn in turns for word in turn])

    def best(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """[topics]: the highest score of a topic's passages."""
        return np.maximum.reduceat(scores[self._order], self._starts)

    def _share(self, turn: Sequence[str]) -> NDArray[np.float32]:
        found = self._names.scores_of_presence(set(turn))
        return np.divide(found, self._totals, out=np.zeros_like(found), where=self._totals > 0)


def topic(passage: Passage) -> str:
    """The topmost heading, else the title up to a dash or bar between spaces ("Gonville Hotel - Is there parking?")."""
    return passage.heading[0] if passage.heading else _SEPARATOR.split(passage.title, maxsplit=1)[0]
