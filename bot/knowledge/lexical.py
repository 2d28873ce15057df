"""BM25 over lists of terms, with a weight on each term of the query.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf of Lucene,
which is never negative. The weight that a term gives to a document does not depend on the query, so it is
computed once; a query then adds up a few columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_SATURATION = 1.2  # k1
_LENGTH = 0.75  # b


class LexicalIndex:
    """The weights of terms in documents, by term."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.size = len(documents)
        self._columns: dict[str, int] = {}
        lengths = np.array([len(document) for document in documents], dtype=np.int64)
        numbers = np.fromiter(
            (self._columns.setdefault(term, len(self._columns)) for document in documents for term in document),
            dtype=np.int64,
            count=int(lengths.sum()),
        )
        rows = np.repeat(np.arange(self.size), lengths)
        cells, counts = np.unique(numbers * max(self.size, 1) + rows, return_counts=True)
        columns, self._rows = np.divmod(cells, max(self.size, 1))
        frequencies = np.bincount(columns, minlength=len(self._columns))
        self._ends = np.concatenate([[0], np.cumsum(frequencies)])
        self._idf = np.log1p((self.size - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
        length = 1 - _LENGTH + _LENGTH * lengths / max(float(lengths.mean()) if self.size else 0.0, 1.0)
        saturated = counts / (counts + _SATURATION * length[self._rows])
        self._weights = (saturated * self._idf[columns]).astype(np.float32)

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """[documents]: the sum of each term's weight in the document times its weight in the query."""
        scores = np.zeros(self.size, dtype=np.float32)
        for term, weight in query.items():
            rows, weights = self.postings(term)
            scores[rows] += weight * weights
        return scores

    def scores_of_presence(self, query: Iterable[str]) -> NDArray[np.float32]:
        """[documents]: the sum of the idf of the terms that the document has."""
        scores = np.zeros(self.size, dtype=np.float32)
        for term in query:
            scores[self.postings(term)[0]] += self.idf(term)
        return scores

    def postings(self, term: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The documents that have the term, and its weights in them."""
        column = self._columns.get(term)
        if column is None:
            return self._rows[:0], self._weights[:0]
        where = slice(self._ends[column], self._ends[column + 1])
        return self._rows[where], self._weights[where]

    def idf(self, term: str) -> float:
        """How rare the term is, in nats; for a term that no document has the highest value there is."""
        column = self._columns.get(term)
        return float(np.log1p((self.size + 0.5) / 0.5)) if column is None else float(self._idf[column])
