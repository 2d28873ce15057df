"""How often the right passage is found, stage by stage, and how long it takes.

Every stage searches all passages of a set: BM25 of the last words; with the conversation before them; the vectors
alone; words and vectors fused by reciprocal ranks; the learned ranker with and without vectors. Questions are those
that neither the embedder nor the ranker was trained on. `python -m benchmarks.retrieval [--quick] [--json]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import questions
from benchmarks.questions import QuestionSet
from bot.app.parts import BUILTIN_EMBEDDER
from bot.knowledge.analysis import terms
from bot.knowledge.conversation import asked
from bot.knowledge.features import Array, lexical_signals, vector_signals
from bot.knowledge.fixed import FixedKnowledge
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.ranking import Ranker
from bot.knowledge.snapshot import Snapshot, full_text
from bot.messages import Query
from generation.embedding import StaticEmbedder

_QUICK = 150
_DEPTHS = (1, 5, 20)
_FUSION = 60
"""Cormack et al., "Reciprocal Rank Fusion" (2009)."""

Ranking = Callable[[Query], Sequence[int]]


def sets(data: Path) -> Iterator[QuestionSet]:
    """The questions that nothing was trained on."""
    for whole in (questions.doc2dial(data), questions.dstc11(data)):
        yield whole.only(lambda item: item.fold == 0)
    yield questions.xquad("en", data)
    yield questions.xquad("zh", data)
    yield questions.cmrc2018(data)
    yield questions.tau2_banking(data)


class Stages:
    """The ways to rank that are compared, over one set's passages."""

    def __init__(self, passages: Snapshot, plain: Snapshot, embedder: StaticEmbedder, ranker: Ranker) -> None:
        self._snapshot = passages
        self._plain = plain
        self._embedder = embedder
        self._ranker = ranker

    def all(self) -> dict[str, Ranking]:
        """By name, in the order in which they build on each other."""
        return {
            "bm25": lambda query: _order(self._snapshot.text.scores(dict.fromkeys(terms(query.text), 1.0))),
            "with history": lambda query: _order(lexical_signals(asked(query), self._snapshot)["blend"]),
            "vectors": lambda query: _order(self._near(query)),
            "fused": self._fused,
            "ranked, words only": lambda query: self._ranked(self._plain, query),
            "ranked": lambda query: self._ranked(self._snapshot, query),
        }

    def _near(self, query: Query) -> Array:
        wanted = asked(query)
        question, before = self._embedder.encode([wanted.text, wanted.before])
        signals = vector_signals(
            question,
            before * np.float32(0.7 if wanted.before else 0.0),
            self._snapshot,
            np.zeros(len(self._snapshot.passages), dtype=np.float32),
        )
        return signals["near_before"]

    def _fused(self, query: Query) -> Sequence[int]:
        scores = np.zeros(len(self._snapshot.passages), dtype=np.float32)
        for order in (_order(lexical_signals(asked(query), self._snapshot)["blend"]), _order(self._near(query))):
            scores[np.asarray(order)] += 1 / (_FUSION + np.arange(1, len(order) + 1, dtype=np.float32))
        return _order(scores)

    def _ranked(self, snapshot: Snapshot, query: Query) -> Sequence[int]:
        rows, columns = snapshot.features(query)
        return rows[_order(self._ranker.scores(columns))].tolist() if len(rows) else []


def measure(item: QuestionSet, embedder: StaticEmbedder, ranker: Ranker, most: int | None) -> dict[str, Any]:
    """The figures of one set."""
    started = time.perf_counter()
    vectors = embedder.encode([full_text(passage) for passage in item.passages])
    snapshot = Snapshot(item.passages, embedder, vectors)
    built = time.perf_counter() - started
    asked_for = item.questions[:most]
    ids = [passage.id for passage in item.passages]
    figures: dict[str, Any] = {"passages": len(ids), "questions": len(asked_for), "build_seconds": round(built, 3)}
    for name, ranking in Stages(snapshot, Snapshot(item.passages), embedder, ranker).all().items():
        started = time.perf_counter()
        orders = [ranking(question.query)[: _DEPTHS[-1]] for question in asked_for]
        spent = time.perf_counter() - started
        places = [
            next((place for place, row in enumerate(order) if ids[row] in question.right), _DEPTHS[-1])
            for order, question in zip(orders, asked_for, strict=True)
        ]
        figures[name] = {f"recall@{depth}": round(float(np.mean(np.array(places) < depth)), 3) for depth in _DEPTHS}
        figures[name]["milliseconds"] = round(1000 * spent / len(asked_for), 2)
    return figures


async def load_seconds(item: QuestionSet, embedder: StaticEmbedder) -> float:
    """From stored passages and vectors to an index that answers."""
    store = FixedKnowledge(item.passages)
    await KnowledgeIndex(store, embedder).refresh()
    started = time.perf_counter()
    await KnowledgeIndex(store, embedder).refresh()
    return round(time.perf_counter() - started, 3)


def table(figures: dict[str, dict[str, Any]]) -> Table:
    """Sets down, stages across; recall at 1, 5 and 20."""
    stages = [name for name, value in next(iter(figures.values())).items() if isinstance(value, dict)]
    shown = Table("set", "questions / passages", *stages, "ms a query", title="Recall at 1 / 5 / 20")
    for name, row in figures.items():
        cells = [
            " / ".join(f"{row[stage][f'recall@{depth}']:.3f}".lstrip("0") for depth in _DEPTHS) for stage in stages
        ]
        speed = f"{row['ranked']['milliseconds']:.1f}"
        shown.add_row(name, f"{row['questions']} / {row['passages']}", *cells, speed)
    return shown


def _order(scores: Array) -> list[int]:
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure retrieval.")
    parser.add_argument("--data", type=Path, default=questions.DATA, help="folder of the public data sets")
    parser.add_argument("--quick", action="store_true", help=f"the first {_QUICK} questions of each set")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    started = time.perf_counter()
    embedder = StaticEmbedder.load(BUILTIN_EMBEDDER)
    ranker = Ranker.load()
    ready = round(time.perf_counter() - started, 3)
    figures = {}
    for item in sets(arguments.data):
        figures[item.name] = measure(item, embedder, ranker, _QUICK if arguments.quick else None)
        figures[item.name]["load_seconds"] = asyncio.run(load_seconds(item, embedder))
    if arguments.json:
        print(json.dumps({"models_seconds": ready, "sets": figures}))
    else:
        Console().print(table(figures))


if __name__ == "__main__":
    main()
