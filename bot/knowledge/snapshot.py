"""Everything that a search needs, made once from a list of passages; plain data and CPU work, no waiting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.knowledge.analysis import terms
from bot.knowledge.lexical import LexicalIndex, counted
from bot.messages import Evidence, Passage, Query, Utterance

_HISTORY = {"user": 0.3, "assistant": 0.15, "operator": 0.15}
"""What a term of an earlier turn weighs against one of the last."""


class Snapshot:
    """An index of passages; it never changes."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self._lexical = LexicalIndex([terms(f"{passage.title}\n{passage.text}") for passage in self.passages])

    def search(self, query: Query, k: int) -> list[Evidence]:
        """The k best passages, best first."""
        question = counted(terms(query.text))
        scores = self._lexical.scores(_with_history(question, query.history))
        alone = self._lexical.scores(question)
        best = np.argsort(-scores, kind="stable")[:k]
        return [
            Evidence(
                self.passages[row],
                float(scores[row]),
                {"bm25": float(alone[row]), "bm25_history": float(scores[row])},
            )
            for row in best
            if scores[row] > 0
        ]


def _with_history(question: dict[str, float], history: Sequence[Utterance]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for turn in history:
        weights.update(counted(terms(turn.text), _HISTORY[turn.role]))
    return weights | question
