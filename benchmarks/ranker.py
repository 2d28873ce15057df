"""Trains the ranker that ships in `bot/knowledge/ranker.json`.

The vectors know the questions that they were trained on, so features made with them would look better in training
than they are in use. Each half of the training folds therefore takes its vectors from an embedder that has not
seen it: first train two of them (`python -m generation.embedding.training --leave-out 0 1 2` and `0 3 4`).

    python -m benchmarks.ranker --without-1-2 DIR --without-3-4 DIR --out FILE
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.progress import track

from benchmarks import questions
from benchmarks.questions import Question, QuestionSet
from bot.knowledge.learning import Example, Recipe, fit
from bot.knowledge.ranking import Ranker
from bot.knowledge.snapshot import Snapshot, full_text
from generation.embedding import StaticEmbedder

_MOST = 2000
"""Questions of a set, so that a large one does not outweigh the others."""

Examples = tuple[list[str], list[Example]]


def training_sets(data: Path) -> list[QuestionSet]:
    """The questions outside of fold 0, some once more without their history, as a conversation begins."""
    sets = []
    for whole in (questions.doc2dial(data), questions.dstc11(data), questions.kdconv(data)):
        chosen = whole.only(lambda item: item.fold != 0)
        order = np.random.default_rng(0).permutation(len(chosen.questions))[:_MOST]
        asked = [chosen.questions[number] for number in order]
        sets.append(QuestionSet(whole.name, whole.language, whole.passages, asked))
    return sets


def word_examples(sets: Sequence[QuestionSet]) -> Examples:
    """With the features of words."""
    return _joined([_examples(Snapshot(item.passages), item.questions, item.name) for item in sets])


def vector_examples(sets: Sequence[QuestionSet], embedders: dict[frozenset[int], StaticEmbedder]) -> Examples:
    """With the features of words and vectors; each embedder makes the examples of the folds it has not seen."""
    parts = []
    for item in sets:
        for folds, embedder in embedders.items():
            vectors = embedder.encode([full_text(passage) for passage in item.passages])
            asked = [question for question in item.questions if question.fold in folds]
            parts.append(_examples(Snapshot(item.passages, embedder, vectors), asked, item.name))
    return _joined(parts)


def _examples(snapshot: Snapshot, asked: Sequence[Question], name: str) -> Examples:
    names: list[str] = []
    found = []
    for question in track(asked, name):
        rows, columns = snapshot.features(question.query)
        right = np.array([snapshot.passages[row].id in question.right for row in rows], dtype=np.float32)
        if right.any():
            names = list(columns)
            found.append(Example(np.stack(list(columns.values()), axis=1), right))
    return names, found


def _joined(parts: Sequence[Examples]) -> Examples:
    return parts[0][0], [example for _, examples in parts for example in examples]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the ranker.")
    parser.add_argument("--data", type=Path, default=questions.DATA)
    parser.add_argument("--without-1-2", type=Path, required=True, help="embedder that has not seen folds 1 and 2")
    parser.add_argument("--without-3-4", type=Path, required=True, help="embedder that has not seen folds 3 and 4")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    embedders = {
        frozenset({1, 2}): StaticEmbedder.load(arguments.without_1_2),
        frozenset({3, 4}): StaticEmbedder.load(arguments.without_3_4),
    }
    sets = training_sets(arguments.data)
    networks = [fit(*examples, Recipe()) for examples in (word_examples(sets), vector_examples(sets, embedders))]
    Ranker(*networks).save(arguments.out)


if __name__ == "__main__":
    main()
