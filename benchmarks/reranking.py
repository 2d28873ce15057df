"""What the language model's likelihood of a question after a passage is worth: for the order of the passages, and for
the confidence in an answer.

The questions are those that neither the language model nor the embedder has seen; the ranker's first eight passages
are looked at again. Confidence is measured on the valid parts that the gate is examined on, with logistic regression
over the gate's log-odds and the likelihood, in ten folds. `python -m benchmarks.reranking [--model NAME] [--json]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import questions
from benchmarks.questions import Question, QuestionSet
from bot.answers import confidence, rarity
from bot.answers.question import Reader
from bot.app.parts import BUILTIN_EMBEDDER
from bot.evaluation.gate import find
from bot.evaluation.gate_data import cases
from bot.evaluation.scores import auroc
from bot.knowledge.fixed import FixedKnowledge
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.reranking import DEPTH, likelihood_gains, reordered
from bot.messages import Evidence, Passage
from bot.protocols import TextEngine
from generation.embedding import StaticEmbedder
from generation.text.local import LocalTextModel

_WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0)
_QUESTIONS = 100
"""Of each set, drawn by chance."""
_OF_A_CASE = 12

Column = NDArray[np.float64]


def sets(data: Path) -> Iterator[QuestionSet]:
    """The questions that the language model was not trained on either."""
    yield questions.doc2dial(data, ["valid"])
    yield questions.dstc11(data, ["valid"])
    yield questions.xquad("en", data)
    yield questions.tau2_banking(data)


async def order(item: QuestionSet, embedder: StaticEmbedder, engine: TextEngine, most: int) -> dict[str, Any]:
    """Recall at 1 by weight of the likelihood, and what looking again takes."""
    index = KnowledgeIndex(FixedKnowledge(item.passages), embedder)
    asked = random.Random(1).sample(list(item.questions), min(most, len(item.questions)))
    hits = dict.fromkeys(_WEIGHTS, 0)
    spent = 0.0
    for question in asked:
        found = await index.search(question.query, DEPTH)
        started = time.perf_counter()
        gains = await likelihood_gains(engine, question.query.text, [each.passage for each in found])
        spent += time.perf_counter() - started
        for weight in _WEIGHTS:
            hits[weight] += _is_right(reordered(found, gains, weight), question)
    recalls = {str(weight): round(count / len(asked), 3) for weight, count in hits.items()}
    return {"questions": len(asked), "recall@1": recalls, "milliseconds": round(1000 * spent / len(asked), 1)}


def _is_right(found: Sequence[Evidence], question: Question) -> bool:
    return found[0].passage.id in question.right


async def certainty(data: Path, embedder: StaticEmbedder, engine: TextEngine, most: int) -> dict[str, Any]:
    """AUROC of a right answer by the gate, by the likelihood and by both."""

    async def index(passages: Sequence[Passage]) -> KnowledgeIndex:
        return KnowledgeIndex(FixedKnowledge(passages), embedder)

    draw = random.Random(1)
    drawn = [
        replace(case, questions=tuple(draw.sample(list(case.questions), min(_OF_A_CASE, len(case.questions)))))
        for case in cases(data, "valid", scale=0.3)
    ]
    found = [item for item in await find(drawn, index) if item.question.query.text.isascii()]
    gate, reader = confidence.load(), Reader(rarity.load(), embedder)
    odds, gains, right = [], [], []
    for item in draw.sample(found, min(most, len(found))):
        question = reader.question(item.question.query)
        candidates = gate.selector.candidates(question, item.evidence, reader)
        if not candidates:
            continue
        best = candidates[0]
        probability = gate.probability(confidence.features(question, item.evidence, candidates, reader))
        others = [each.passage for rank, each in enumerate(item.evidence[:DEPTH]) if rank != best.rank]
        passages = [item.evidence[best.rank].passage, *others]
        gains.append((await likelihood_gains(engine, item.question.query.text, passages))[0])
        odds.append(np.log(max(probability, 1e-6) / max(1 - probability, 1e-6)))
        right.append(item.question.answerable and best.reading.passage.id in item.question.knowledge)
    columns = {"gate": np.array(odds), "likelihood": np.array(gains)}
    both = _together(np.stack(list(columns.values()), axis=1), right)
    measured = {name: round(auroc(values.tolist(), right), 3) for name, values in {**columns, "both": both}.items()}
    return {"questions": len(right), **measured}


def _together(matrix: Column, right: Sequence[bool]) -> Column:
    """What logistic regression on the other folds says of each row."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    values: Column = cross_val_predict(LogisticRegression(), matrix, right, cv=10, method="predict_proba")[:, 1]
    return values


def table(figures: dict[str, dict[str, Any]]) -> Table:
    """Sets down, weights across."""
    shown = Table("set", "questions", *map(str, _WEIGHTS), "ms", title="Recall at 1 by weight of the likelihood")
    for name, row in figures.items():
        shown.add_row(name, str(row["questions"]), *map(str, row["recall@1"].values()), str(row["milliseconds"]))
    return shown


async def measure(data: Path, model: str, most: int) -> dict[str, Any]:
    """All figures of a model."""
    embedder = StaticEmbedder.load(BUILTIN_EMBEDDER)
    engine = LocalTextModel.load(model, max_batch=16, timeout_seconds=600)
    try:
        ranked = {item.name: await order(item, embedder, engine, most) for item in sets(data)}
        return {"order": ranked, "auroc": await certainty(data, embedder, engine, 4 * most)}
    finally:
        await engine.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the language model as a judge of passages.")
    parser.add_argument("--data", type=Path, default=questions.DATA, help="folder of the public data sets")
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--questions", type=int, default=_QUESTIONS, help="of each set")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    figures = asyncio.run(measure(arguments.data, arguments.model, arguments.questions))
    if arguments.json:
        print(json.dumps(figures))
    else:
        Console().print(table(figures["order"]))
        print("AUROC of a right answer:", json.dumps(figures["auroc"]))


if __name__ == "__main__":
    main()
