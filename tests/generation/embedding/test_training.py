"""Training on a language of a dozen words, with the real optimiser."""

from __future__ import annotations

import bz2
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

from generation.embedding.corpus import Task, fold
from generation.embedding.training import Lesson, Recipe, train
from generation.embedding.vocabulary import UNKNOWN, chinese_definitions, frequent_words, pieces
from generation.errors import ModelUnusable

WORDS = ["parcel", "late", "refund", "money", "size", "fit", "open", "hours", "card", "pay", "tent", "rent"]
RECIPE = replace(Recipe(), dimensions=8, texts_a_batch=16, questions_a_batch=6, distillation_epochs=30)


def lesson() -> Lesson:
    """The teacher's vectors of words and of pairs of neighbours; it knows nothing of which words belong together."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(len(WORDS), 12)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [(first, second) for first in range(len(WORDS)) for second in range(first)]
    texts = np.stack([vectors[first] + vectors[second] for first, second in pairs])
    return Lesson(
        [UNKNOWN, *WORDS],
        np.concatenate([np.zeros((1, 12), np.float32), vectors]),
        [f"{WORDS[first]} {WORDS[second]}" for first, second in pairs],
        texts / np.linalg.norm(texts, axis=1, keepdims=True),
    )


def questions() -> Task:
    """`parcel` is answered by `late`, `refund` by `money`, and so on."""
    task = Task("pairs", repeat=40, mine=True)
    for question, passage in zip(WORDS[::2], WORDS[1::2], strict=True):
        task.add(question, passage)
    return task


def test_distillation_points_where_the_teacher_points() -> None:
    taught = lesson()
    with Progress(disable=True) as progress:
        embedder = train(taught, [], RECIPE, progress)
    centred = taught.text_vectors - taught.text_vectors.mean(axis=0)
    there = embedder.encode(taught.texts)
    own = there @ there.T
    teacher = centred @ centred.T

    assert np.corrcoef(own.ravel(), teacher.ravel())[0, 1] > 0.8


def test_contrast_brings_questions_to_their_passages() -> None:
    recipe = replace(RECIPE, contrast_epochs=10, contrast_rate=1e-2, distillation_weight=0.1)
    with Progress(disable=True) as progress:
        before = train(lesson(), [], RECIPE, progress)
        after = train(lesson(), [questions()], recipe, progress)

    def right(vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
        return float(np.mean((vectors[::2] @ vectors[1::2].T).argmax(axis=1) == np.arange(len(WORDS) // 2)))

    assert right(after.encode(WORDS)) == 1 > right(before.encode(WORDS))
    assert after.name != before.name


def test_pieces_are_latin_letters_digits_and_signs() -> None:
    assert pieces(["[CLS]", "ship", "##ping", "12", "é", "の", "€"]) == ["ship", "##ping", "12", "€"]


def test_frequent_words_are_those_of_many_texts() -> None:
    texts = ["warranty claim", "warranty Warranty", "the claim", "zip zip zip"]

    assert frequent_words(texts, ["the"], texts_at_least=2) == ["warranty", "claim"]


def test_a_simplified_character_takes_the_definition_of_its_traditional_form(tmp_path: Path) -> None:
    readings, variants = tmp_path / "Unihan_Readings.txt.bz2", tmp_path / "Unihan_Variants.txt.bz2"
    readings.write_bytes(bz2.compress(b"# comment\nU+9000\tkDefinition\tretreat (step)\nU+8CA8\tkDefinition\tgoods\n"))
    variants.write_bytes(bz2.compress(b"U+8D27\tkTraditionalVariant\tU+8CA8\n"))

    assert chinese_definitions(readings) == {"退": "retreat ", "货": "goods"}


def test_a_missing_character_database_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="unicode-data"):
        chinese_definitions(tmp_path / "Unihan_Readings.txt.bz2")


def test_folds_are_the_same_everywhere_and_about_even() -> None:
    folds = [fold(f"page {number}") for number in range(1000)]

    assert fold("page 0") == fold("page 0")
    assert all(150 < folds.count(number) < 250 for number in range(5))
