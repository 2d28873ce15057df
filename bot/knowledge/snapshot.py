"""Everything that a search needs, made once from a list of passages; plain data and CPU work, no waiting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.analysis import terms
from bot.knowledge.conversation import Asked, asked, pairs
from bot.knowledge.features import Array, candidates, features, lexical_signals, vector_signals
from bot.knowledge.lexical import LexicalIndex
from bot.knowledge.ranking import Ranker, shares
from bot.knowledge.topics import Topics
from bot.messages import Evidence, Passage, Query
from bot.protocols import Embedder


class Snapshot:
    """An index of passages; it never changes. `vectors` [passages, dimensions] are the embedder's."""

    def __init__(
        self, passages: Sequence[Passage], embedder: Embedder | None = None, vectors: Array | None = None
    ) -> None:
        self.passages = tuple(passages)
        self.vectors = vectors
        self._embedder = embedder
        words = [terms(full_text(passage)) for passage in passages]
        self.text = LexicalIndex(words)
        self.titles = LexicalIndex([terms(passage.title) for passage in passages])
        self.pairs = LexicalIndex([pairs(found) for found in words])
        self.topics = Topics(self.passages, words)
        self.lengths = np.log1p([len(found) for found in words]).astype(np.float32) / np.float32(5)

    def search(self, query: Query, k: int, ranker: Ranker) -> list[Evidence]:
        """The k best passages, best first; the score is the passage's share among the candidates."""
        rows, columns = self.features(query)
        if not len(rows):
            return []
        scores = ranker.scores(columns)
        found = shares(scores)
        columns["logit"] = scores
        return [
            Evidence(
                self.passages[rows[place]],
                float(found[place]),
                {name: float(column[place]) for name, column in columns.items()},
            )
            for place in np.argsort(-scores, kind="stable")[:k]
        ]

    def features(self, query: Query) -> tuple[NDArray[np.int64], dict[str, Array]]:
        """The candidates' rows, and their features."""
        if not self.passages:
            return np.zeros(0, dtype=np.int64), {}
        wanted = asked(query)
        signals = lexical_signals(wanted, self)
        if self.vectors is not None and self._embedder is not None and wanted.language in self._embedder.languages:
            question, before = self._query_vectors(self._embedder, wanted)
            signals |= vector_signals(question, before, self, signals["mention"])
        rows = candidates(signals)
        return rows, features(signals, rows, wanted, self) if len(rows) else {}

    def _query_vectors(self, embedder: Embedder, wanted: Asked) -> tuple[Array, Array]:
        question, before = embedder.encode([wanted.text, wanted.before])
        return question, before * np.float32(0.7 if wanted.before else 0.0)


def full_text(passage: Passage) -> str:
    """What is indexed of a passage."""
    return f"{passage.title}. {passage.text}"
