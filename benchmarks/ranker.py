"""Trains the ranker that ships in `bot/knowledge/ranker.json`.

The vectors know the questions that they were trained on, so features made with them would look better in training
than they are in use. Each half of the training folds therefore takes its vectors from an embedder that has not
seen it: first train two of them (`python -m generation.embedding.training --leave-out 0 1 2` and `0 3 4`).

So that the ranker serves a small shop as well as a large library, it learns from small parts of each set too, and
from questions that say in one message what others say in a conversation.

    python -m benchmarks.ranker --without-1-2 DIR --without-3-4 DIR --out FILE
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from benchmarks import questions
from benchmarks.questions import Question, QuestionSet
from bot.knowledge.learning import Example, Recipe, fit
from bot.knowledge.ranking import Ranker
from bot.knowledge.snapshot import Snapshot, full_text
from bot.knowledge.topics import topic
from bot.messages import Query
from generation.embedding import StaticEmbedder

_MOST = 1800
"""Questions of a set, so that a large one does not outweigh the others."""
_PARTS = 6
_PART_PASSAGES = 100

Embedders = Mapping[frozenset[int], StaticEmbedder]


@dataclass(frozen=True)
class Examples:
    """Questions with the features of their candidates, of words alone and of words and vectors."""

    words: list[Example]
    vectors: list[Example]
    word_features: list[str]
    vector_features: list[str]


def training_sets(data: Path, seed: int = 0) -> list[QuestionSet]:
    """The questions outside of fold 0, whole and in parts."""
    random = np.random.default_rng(seed)
    sets = []
    for whole in (questions.doc2dial(data), questions.dstc11(data), questions.kdconv(data)):
        chosen = _sampled(whole.only(lambda item: item.fold != 0), random)
        sets += [chosen, _in_one_message(chosen, random)]
        sets += [_part(chosen, random) for _ in range(_PARTS)]
    return sets


def _sampled(whole: QuestionSet, random: np.random.Generator) -> QuestionSet:
    kept = random.permutation(len(whole.questions))[:_MOST]
    return QuestionSet(whole.name, whole.language, whole.passages, [whole.questions[number] for number in kept])


def _in_one_message(whole: QuestionSet, random: np.random.Generator) -> QuestionSet:
    """A tenth of the questions, each behind the customer's earlier words in one message."""
    asked = [
        Question(Query(" ".join([*_said(item.query), item.query.text])), item.right, item.fold)
        for item in whole.questions
        if item.query.history and random.random() < 0.1
    ]
    return QuestionSet(f"{whole.name} in one message", whole.language, whole.passages, asked)


def _said(query: Query) -> list[str]:
    return [turn.text for turn in query.history if turn.role == "user"]


def _part(whole: QuestionSet, random: np.random.Generator) -> QuestionSet:
    """The passages of some topics, and the questions that they answer."""
    sizes: dict[str, int] = {}
    for passage in whole.passages:
        sizes[topic(passage)] = sizes.get(topic(passage), 0) + 1
    asked_about = {topic(passage) for passage in whole.passages if passage.id in _right_anywhere(whole)}
    chosen: set[str] = set()
    for name in random.permutation(sorted(asked_about)):
        if sum(sizes[known] for known in chosen) >= _PART_PASSAGES:
            break
        chosen.add(str(name))
    passages = [passage for passage in whole.passages if topic(passage) in chosen]
    ids = {passage.id for passage in passages}
    asked = [item for item in whole.questions if item.right <= ids]
    return QuestionSet(f"{whole.name} in part", whole.language, passages, asked[: _MOST // 6])


def _right_anywhere(whole: QuestionSet) -> set[str]:
    return set().union(*(item.right for item in whole.questions))


def examples(sets: Sequence[QuestionSet], embedders: Embedders) -> Examples:
    """Each embedder makes the vectors for the questions of its languages in the folds that it has not seen."""
    found = Examples([], [], [], [])
    for item in track(sets, "features"):
        plain = Snapshot(item.passages)
        found.words.extend(_examples(plain, item.questions, found.word_features))
        for folds, embedder in embedders.items():
            if item.language not in embedder.languages:
                continue
            vectors = embedder.encode([full_text(passage) for passage in item.passages])
            snapshot = Snapshot(item.passages, embedder, vectors)
            asked = [question for question in item.questions if question.fold in folds]
            found.vectors.extend(_examples(snapshot, asked, found.vector_features))
    return found


def _examples(snapshot: Snapshot, asked: Sequence[Question], names: list[str]) -> Iterator[Example]:
    """Of the questions whose answer is among the candidates; `names` becomes the features' names."""
    for question in asked:
        rows, columns = snapshot.features(question.query)
        right = np.array([snapshot.passages[row].id in question.right for row in rows], dtype=np.float32)
        if right.any():
            names[:] = columns
            yield Example(np.stack(list(columns.values()), axis=1), right)


def train(found: Examples, recipe: Recipe) -> Ranker:
    """The ranker for search with and without vectors."""
    return Ranker(fit(found.word_features, found.words, recipe), fit(found.vector_features, found.vectors, recipe))


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
    train(examples(training_sets(arguments.data), embedders), Recipe()).save(arguments.out)


if __name__ == "__main__":
    main()
