"""Makes the built-in embedder: token vectors distilled from a sentence encoder, then trained on questions.

1. Each token gets the teacher's vector of its text (a Chinese character: of its English definition), projected on
   the principal components of the teacher's vectors and shortened if it is frequent (as in model2vec, and in
   Arora et al., "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", 2017).
2. Distillation: the sum of a text's token vectors learns to point where the teacher's vector of the text points.
3. Contrast (InfoNCE): a question learns to be nearer to its passage than to those of other questions and to hard
   negatives, which are the nearest wrong passages after step 2; distillation goes on beside it, so that words that
   the questions do not have keep their sense.

    python -m generation.embedding.training --data ../shared/data --out DIR
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch.nn.functional import normalize

from generation.embedding.corpus import Corpus, Task
from generation.embedding.static import StaticEmbedder
from generation.embedding.teacher import Teacher
from generation.embedding.vocabulary import UNKNOWN, chinese_definitions, frequent_words, pieces

UNIHAN = Path("/usr/share/unicode/Unihan_Readings.txt.bz2")

LANGUAGES = frozenset({"en"})
"""Those in which ranking with the vectors is better than without; with Chinese ones, xquad and cmrc2018 lose."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """The numbers of a run; chosen by recall on held-out pages and dialogues and on sets that are not trained on."""

    dimensions: int = 192
    distillation_epochs: int = 10
    contrast_epochs: int = 3
    distillation_rate: float = 1e-3
    contrast_rate: float = 2e-4
    distillation_weight: float = 4.0  # of its loss beside the contrast's
    temperature: float = 0.05
    frequency: float = 1e-3  # tokens more frequent than this are shortened
    texts_a_batch: int = 256
    questions_a_batch: int = 64
    hard_negatives: int = 4  # of each question in a batch, out of
    hardest: int = 15  # nearest wrong passages
    max_tokens: int = 256
    seed: int = 0


@dataclass(frozen=True)
class Lesson:
    """What the teacher says: `tokens` and their vectors (row 0 is the unknown token's), `texts` and theirs."""

    tokens: list[str]
    token_vectors: Vectors
    texts: list[str]
    text_vectors: Vectors


def prepare(corpus: Corpus, teacher: Teacher, unihan: Path, progress: Progress) -> Lesson:
    """Has the teacher encode the vocabulary and the texts; minutes on one core."""
    texts = corpus.texts()
    known = pieces(teacher.vocabulary())
    characters = chinese_definitions(unihan)
    words = known + frequent_words(texts, known)
    spoken = [word.removeprefix("##") for word in words] + list(characters.values())
    task = progress.add_task("teacher", total=len(spoken) + len(texts))
    vectors = teacher.encode([*spoken, *texts], lambda count: progress.advance(task, count))
    token_vectors = np.concatenate([np.zeros_like(vectors[:1]), vectors[: len(spoken)]])
    return Lesson([UNKNOWN, *words, *characters], token_vectors, texts, vectors[len(spoken) :])


class Student:
    """Token vectors that learn."""

    def __init__(self, lesson: Lesson, recipe: Recipe) -> None:
        self.recipe = recipe
        self._random = np.random.default_rng(recipe.seed)
        self._tokenizer = StaticEmbedder("", lesson.tokens, lesson.token_vectors, frozenset())
        self._texts = self._tokens(lesson.texts)
        mean = lesson.text_vectors.mean(axis=0)
        components = _principal(lesson.text_vectors - mean, recipe.dimensions)
        self._targets = normalize(torch.from_numpy((lesson.text_vectors - mean) @ components), dim=-1)
        start = self._start(lesson.token_vectors, components)
        self._bag = torch.nn.EmbeddingBag.from_pretrained(start, freeze=False, mode="sum", sparse=True)

    def _start(self, token_vectors: Vectors, components: Vectors) -> torch.Tensor:
        start = (token_vectors - token_vectors[1:].mean(axis=0)) @ components
        counts = np.bincount(np.concatenate(self._texts), minlength=len(token_vectors))
        start *= (self.recipe.frequency / (self.recipe.frequency + counts / counts.sum()))[:, None]
        start[0] = 0
        return torch.from_numpy(start.astype(np.float32))

    @property
    def vectors(self) -> Vectors:
        """[tokens, dimensions]"""
        vectors: Vectors = self._bag.weight.detach().numpy()
        return vectors

    def distil(self, progress: Progress) -> None:
        """Step 2 of the module's description."""
        optimizer = torch.optim.SparseAdam(list(self._bag.parameters()), lr=self.recipe.distillation_rate)
        size = self.recipe.texts_a_batch
        batches = len(self._texts) // size
        task = progress.add_task("distillation", total=batches * self.recipe.distillation_epochs)
        for _ in range(self.recipe.distillation_epochs):
            order = self._random.permutation(len(self._texts))
            for start in range(0, batches * size, size):
                self._step(optimizer, self._distillation(order[start : start + size]))
                progress.advance(task)

    def contrast(self, tasks: Sequence[Task], progress: Progress) -> None:
        """Step 3 of the module's description."""
        optimizer = torch.optim.SparseAdam(list(self._bag.parameters()), lr=self.recipe.contrast_rate)
        lessons = [Contrast(task, self._tokens(task.questions), self._tokens(task.passages)) for task in tasks]
        for lesson in lessons:
            lesson.mine(self.encode, self.recipe.hardest)
        size = self.recipe.questions_a_batch
        schedule = [(lesson, batch) for lesson in lessons for batch in lesson.batches(self._random, size)]
        task = progress.add_task("contrast", total=len(schedule) * self.recipe.contrast_epochs)
        for _ in range(self.recipe.contrast_epochs):
            schedule = [(lesson, batch) for lesson in lessons for batch in lesson.batches(self._random, size)]
            for number in self._random.permutation(len(schedule)):
                lesson, batch = schedule[number]
                texts = self._random.integers(0, len(self._texts), 2 * size)
                loss = self._contrast(lesson, batch) + self.recipe.distillation_weight * self._distillation(texts)
                self._step(optimizer, loss)
                progress.advance(task)

    def encode(self, rows: Sequence[NDArray[np.int64]]) -> torch.Tensor:
        """[N, dimensions] of length 1."""
        cut = [row[: self.recipe.max_tokens] for row in rows]
        offsets = np.cumsum([0, *(len(row) for row in cut[:-1])])
        return normalize(self._bag(torch.from_numpy(np.concatenate(cut)), torch.from_numpy(offsets)), dim=-1)

    def _distillation(self, batch: NDArray[np.int64]) -> torch.Tensor:
        """1 - cosine to the teacher, the mean of the batch."""
        vectors = self.encode([self._texts[number] for number in batch])
        return 1 - (vectors * self._targets[batch]).sum(dim=-1).mean()

    def _contrast(self, lesson: Contrast, batch: NDArray[np.int64]) -> torch.Tensor:
        """InfoNCE with several right passages: minus the log of their share."""
        candidates, right = lesson.candidates(batch, self.recipe.hard_negatives, self._random)
        questions = self.encode([lesson.questions[number] for number in batch])
        passages = self.encode([lesson.passages[number] for number in candidates])
        shares = torch.log_softmax(questions @ passages.T / self.recipe.temperature, dim=1)
        return -torch.logsumexp(shares.masked_fill(~right, -1e9), dim=1).mean()

    def _step(self, optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def _tokens(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        return [np.array(row or [0], dtype=np.int64) for row in self._tokenizer.tokens(texts)]


class Encode(Protocol):
    """Token rows to unit vectors."""

    def __call__(self, rows: Sequence[NDArray[np.int64]]) -> torch.Tensor: ...


class Contrast:
    """A task in tokens, with its hard negatives."""

    def __init__(self, task: Task, questions: list[NDArray[np.int64]], passages: list[NDArray[np.int64]]) -> None:
        self.questions = questions
        self.passages = passages
        self._task = task
        self._negatives: list[list[int]] = [[] for _ in questions]

    @torch.no_grad()
    def mine(self, encode: Encode, hardest: int) -> None:
        """Finds the nearest wrong passages of each question."""
        if not self._task.mine:
            return
        passages = encode(self.passages)
        for number, question in enumerate(self.questions):
            nearest = torch.topk(passages @ encode([question])[0], min(hardest, len(self.passages))).indices.tolist()
            self._negatives[number] = [near for near in nearest if near not in self._task.answers[number]]

    def batches(self, random: np.random.Generator, size: int) -> list[NDArray[np.int64]]:
        """The questions in a new order, as often as the task is repeated."""
        found = []
        for _ in range(self._task.repeat):
            order = random.permutation(len(self.questions))
            found += [order[start : start + size] for start in range(0, len(order), size)]
        return found

    def candidates(
        self, batch: NDArray[np.int64], negatives: int, random: np.random.Generator
    ) -> tuple[list[int], torch.Tensor]:
        """The passages that a batch chooses from, and which of them are right for which question [batch, passages]."""
        chosen = {int(random.choice(self._task.answers[number])) for number in batch}
        for number in batch:
            hard = self._negatives[number]
            chosen.update(random.permutation(hard)[:negatives].tolist())
        passages = sorted(chosen)
        right = [[passage in self._task.answers[number] for passage in passages] for number in batch]
        return passages, torch.tensor(right)


def train(lesson: Lesson, tasks: Sequence[Task], recipe: Recipe, progress: Progress) -> StaticEmbedder:
    """The embedder; it is named after its vectors, so that vectors of another one are never taken for its own."""
    torch.manual_seed(recipe.seed)
    student = Student(lesson, recipe)
    student.distil(progress)
    student.contrast(tasks, progress)
    digest = hashlib.sha256(student.vectors.tobytes()).hexdigest()[:8]
    return StaticEmbedder(f"static-{digest}", lesson.tokens, student.vectors, LANGUAGES)


def _principal(centred: Vectors, dimensions: int) -> Vectors:
    """[N, wide] -> [wide, dimensions]: the directions of the largest variance, largest first."""
    _, directions = np.linalg.eigh(centred.T @ centred)
    return np.ascontiguousarray(directions[:, ::-1][:, :dimensions])


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the built-in embedder.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the embedder to")
    parser.add_argument("--teacher", type=Path, help="folder of the sentence encoder; default: the installed package")
    parser.add_argument("--unihan", type=Path, default=UNIHAN, help="Unihan_Readings.txt.bz2")
    parser.add_argument("--leave-out", type=int, nargs="+", default=[0], help="folds of the labelled sets not to see")
    arguments = parser.parse_args()
    corpus = Corpus(arguments.data, arguments.leave_out)
    with Progress() as progress:
        lesson = prepare(corpus, Teacher(arguments.teacher), arguments.unihan, progress)
        train(lesson, corpus.tasks(), Recipe(), progress).save(arguments.out)


if __name__ == "__main__":
    main()
