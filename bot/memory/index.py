"""Finds the turns of one person's past that a question is about; plain data and CPU work, no waiting.

Words and meaning say which turns are like the question: BM25 and the embedder's cosines, each as a share of its
best. What is like it is not always what was meant, so a turn is also judged by its surroundings: who said it, which
turn stands before and after it (what somebody tells often follows a question that has the words), whether it is
itself a question, what else was said at the same sitting, and whether it was said when the question says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.answers.rarity import Rarity
from bot.knowledge.analysis import terms
from bot.knowledge.lexical import LexicalIndex

Array = NDArray[np.float32]

_SPEAKER, _PERIOD = 0.5, 2.0
_BEFORE, _QUESTION_BEFORE, _AFTER = 0.15, 0.4, 0.15
_SITTING, _BEST_OF_SITTING = 0.5, 3
_IS_QUESTION = -0.2
"""What the surroundings add to likeness, whose two parts are at most 1 each; who names a day means that day."""
_QUESTION_MARKS = ("?", "？")


@dataclass(frozen=True, slots=True)
class PastTurn:
    """What one side has said; `sitting` is the same for turns that were said in one go, in the order given."""

    speaker: str
    text: str
    time: datetime
    sitting: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A turn as it is indexed: its terms, and its vector [dimensions] where there is an embedder."""

    terms: Sequence[str]
    vector: Array | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: `text` is the question, `vector` its vector, `speakers` whose turns it is about (empty:
    anybody's), `period` when it was said, if the question tells."""

    text: str
    vector: Array | None = None
    speakers: frozenset[str] = frozenset()
    period: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The turn's number in the index. `score` orders the turns of one question; `cover` is the share of the question's
    words, by their weight in everyday talk, that the turn has, with the question that it answers; `near` is the cosine
    of the turn and the question (0 without vectors). `in_period`: it was said when the question says."""

    row: int
    score: float
    cover: float
    near: float
    in_period: bool = False


class TurnIndex:
    """An index of turns, oldest first; it never changes. `readings` are theirs, in the same order."""

    def __init__(self, turns: Sequence[PastTurn], readings: Sequence[Reading], rarity: Rarity) -> None:
        self.turns = tuple(turns)
        self._readings = readings
        self._rarity = rarity
        self._words = LexicalIndex([reading.terms for reading in readings])
        vectors = [reading.vector for reading in readings if reading.vector is not None]
        self._vectors = np.stack(vectors) if turns and len(vectors) == len(turns) else None
        numbers: dict[str, int] = {}
        self._sittings = np.array([numbers.setdefault(turn.sitting, len(numbers)) for turn in turns], dtype=np.int64)
        self._asks = np.array([turn.text.rstrip().endswith(_QUESTION_MARKS) for turn in turns], dtype=np.float32)

    def search(self, asked: Asked, k: int) -> list[Found]:
        """The k best turns, best first; none with which nothing of the question has to do."""
        if not self.turns:
            return []
        words = dict.fromkeys(terms(asked.text), 1.0)
        near = self._nearness(asked)
        like = _relative(self._words.scores(words)) + _relative(near)
        in_period = self._in_period(asked)
        fitting = like + self._around(like) + _PERIOD * in_period
        scores = fitting + self._by_whom(asked) + np.float32(_SITTING) * self._of_sitting(like)
        best = [int(row) for row in np.argsort(-scores, kind="stable") if fitting[row] > 0][:k]
        return [
            Found(row, float(scores[row]), self._cover(row, words), float(near[row]), bool(in_period[row]))
            for row in best
        ]

    def _around(self, like: Array) -> Array:
        """What the turns before and after it add to a turn."""
        before = _BEFORE * self._beside(like, 1) + _QUESTION_BEFORE * self._beside(like * self._asks, 1)
        around: Array = before + _AFTER * self._beside(like, -1)
        return around

    def _by_whom(self, asked: Asked) -> Array:
        speaks = np.array([turn.speaker in asked.speakers for turn in self.turns], dtype=np.float32)
        by_whom: Array = _SPEAKER * speaks + np.float32(_IS_QUESTION) * self._asks
        return by_whom

    def _cover(self, row: int, words: Iterable[str]) -> float:
        there = set(self._readings[row].terms)
        if self._answers(row):
            there.update(self._readings[row - 1].terms)
        weights = self._rarity.weights(words)
        return sum(weights[word] for word in weights if word in there) / (sum(weights.values()) or 1.0)

    def _answers(self, row: int) -> bool:
        """Whether the turn before it is the other side's question."""
        if not row or self._sittings[row - 1] != self._sittings[row]:
            return False
        return bool(self._asks[row - 1]) and self.turns[row - 1].speaker != self.turns[row].speaker

    def _nearness(self, asked: Asked) -> Array:
        if self._vectors is None or asked.vector is None:
            return np.zeros(len(self.turns), dtype=np.float32)
        near: Array = self._vectors @ asked.vector
        return near

    def _in_period(self, asked: Asked) -> Array:
        if asked.period is None:
            return np.zeros(len(self.turns), dtype=np.float32)
        start, end = asked.period
        return np.array([start <= turn.time < end for turn in self.turns], dtype=np.float32)

    def _beside(self, values: Array, offset: int) -> Array:
        """For each turn the value of the one before (1) or after (-1) it in the same sitting, 0 where there is none."""
        moved = np.roll(values, offset)
        same = np.roll(self._sittings, offset) == self._sittings
        same[0 if offset > 0 else -1] = False
        beside: Array = moved * same
        return beside

    def _of_sitting(self, values: Array) -> Array:
        """For each turn the mean of the best values of its sitting."""
        order: NDArray[np.int64] = np.lexsort((-values, self._sittings))
        sizes = np.bincount(self._sittings)
        starts = np.cumsum(sizes) - sizes
        ranks = np.arange(len(values)) - starts[self._sittings[order]]
        best = order[ranks < _BEST_OF_SITTING]
        sums = np.bincount(self._sittings[best], values[best], minlength=len(sizes))
        means: Array = (sums / np.minimum(sizes, _BEST_OF_SITTING)).astype(np.float32)[self._sittings]
        return means


def _relative(scores: Array) -> Array:
    """As a share of the best; what is below 0 counts as nothing alike."""
    return np.maximum(scores, 0).astype(np.float32) / np.float32(max(float(scores.max()), 1e-6))
