"""A question and the passages found for it, read into what sentence selection and confidence compare."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from bot.answers.kinds import AnswerKind, asked
from bot.answers.rarity import Rarity
from bot.answers.sentences import Sentence, split
from bot.knowledge.analysis import terms
from bot.messages import Passage, Query
from bot.protocols import Embedder

_HISTORY_TURNS = 6
_KEPT_PASSAGES = 4096
_PARTS = regex.compile(r"\s+(?:›|>|-|–|\|)\s+|[:：?？]\s*")
_HAN = regex.compile(r"\p{Han}")


@dataclass(frozen=True, slots=True)
class Question:
    """`weights` are the rarities of the question's terms, `context` those of terms that only earlier turns have."""

    text: str
    weights: Mapping[str, float]
    context: Mapping[str, float]
    kind: AnswerKind | None
    is_chinese: bool
    vector: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage in sentences; `terms` and `vectors` (None without an embedder) go by sentence.

    `title_parts` are the terms of each part of a title such as "Shipping › When is it free?", `title_vectors`
    the parts' vectors.
    """

    passage: Passage
    sentences: tuple[Sentence, ...]
    terms: tuple[frozenset[str], ...]
    title_terms: frozenset[str]
    title_parts: tuple[frozenset[str], ...]
    all_terms: frozenset[str]
    vectors: NDArray[np.float32] | None
    title_vectors: NDArray[np.float32] | None

    def text(self, number: int) -> str:
        """A sentence, letter for letter."""
        sentence = self.sentences[number]
        return self.passage.text[sentence.start : sentence.end]


class Reader:
    """Reads questions and passages; a passage that was read lately is not read again. Not for several threads."""

    def __init__(self, rarity: Rarity, embedder: Embedder | None = None) -> None:
        self.rarity = rarity
        self._embedder = embedder
        self._readings: OrderedDict[Passage, Reading] = OrderedDict()

    def question(self, query: Query) -> Question:
        """What is asked, with the terms of the last turns beside it."""
        weights = self.rarity.weights(terms(query.text))
        earlier = " ".join(turn.text for turn in query.history[-_HISTORY_TURNS:])
        context = {term: weight for term, weight in self.rarity.weights(terms(earlier)).items() if term not in weights}
        is_chinese = _HAN.search(query.text) is not None
        encode = self._encoder(is_chinese)
        return Question(
            query.text, weights, context, asked(query.text), is_chinese, encode([query.text])[0] if encode else None
        )

    def passage(self, passage: Passage) -> Reading:
        """The passage's sentences."""
        reading = self._readings.pop(passage, None) or self._read(passage)
        self._readings[passage] = reading
        if len(self._readings) > _KEPT_PASSAGES:
            self._readings.popitem(last=False)
        return reading

    def _read(self, passage: Passage) -> Reading:
        sentences = split(passage.text)
        texts = [passage.text[sentence.start : sentence.end] for sentence in sentences]
        encode = self._encoder(_HAN.search(passage.text) is not None)
        titles = (passage.title, *passage.heading)
        parts = [part for title in titles for part in _PARTS.split(title) if part.strip()]
        by_sentence = tuple(frozenset(terms(text)) for text in texts)
        title_terms = frozenset(terms(" ".join(titles)))
        return Reading(
            passage,
            sentences,
            by_sentence,
            title_terms,
            tuple(frozenset(terms(part)) for part in parts),
            title_terms.union(*by_sentence),
            encode(texts) if encode and texts else None,
            encode(parts) if encode and parts else None,
        )

    def _encoder(self, is_chinese: bool) -> Callable[[Sequence[str]], NDArray[np.float32]] | None:
        """The embedder's, if it ranks well in the language."""
        if self._embedder is None or ("zh" if is_chinese else "en") not in self._embedder.languages:
            return None
        return self._embedder.encode


def cover(weights: Mapping[str, float], found: frozenset[str]) -> float:
    """The share, by weight, of terms that are found; 0 where there are none."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in found) / total if total else 0.0


def likeness(question: Question, asked: frozenset[str], rarity: Rarity) -> float:
    """How far two questions have the same terms: the harmonic mean of the covers of each by the other."""
    there, back = cover(question.weights, asked), cover(rarity.weights(asked), frozenset(question.weights))
    return 2 * there * back / (there + back) if there + back else 0.0


def title_likeness(question: Question, reading: Reading, rarity: Rarity) -> float:
    """The likeness of the question and the part of the title that is most like it."""
    return max((likeness(question, part, rarity) for part in reading.title_parts), default=0.0)
