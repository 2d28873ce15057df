"""What the built-in embedder learns from: texts for distillation, and questions with the passages that answer them.

Only sets whose licence lets trained weights be used freely are read: doc2dial, banking77, clinc150, persona_chat
(CC BY), dstc11, bitext, multidogo (CDLA), dstc10, cucom, kdconv, crosswoz (Apache), abcd, tau_retail, star (MIT).
The other sets, the valid parts and the fold that is left out stay for measuring.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

Row = dict[str, Any]
T = TypeVar("T")

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_HISTORY_TURNS = 3
_LONG_TURN = 25  # characters; shorter ones ("yes please") say too little to pair


@dataclass(frozen=True)
class Task:
    """Questions over one pool of passages; `answers` are the numbers of the right passages of each question.

    `repeat`: how often an epoch goes through it. `mine`: look for hard negatives, which needs a complete labelling.
    """

    name: str
    passages: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    answers: list[tuple[int, ...]] = field(default_factory=list)
    repeat: int = 1
    mine: bool = False

    def add(self, question: str, passage: str) -> None:
        """A question with a passage of its own."""
        self.questions.append(question)
        self.answers.append((len(self.passages),))
        self.passages.append(passage)


def fold(key: str) -> int:
    """The fold, 0 to 4, of a page (doc2dial) or a dialogue (dstc11, kdconv), by hash. Fold 0 is for measuring."""
    return int(hashlib.sha1(key.encode()).hexdigest(), 16) % 5


class Corpus:
    """The sets in a folder, in the layout of `shared/data`, without the folds that are left out."""

    def __init__(self, folder: Path, left_out: Collection[int] = (0,), seed: int = 0) -> None:
        self._folder = folder
        self._left_out = frozenset(left_out)
        self._random = random.Random(seed)

    def rows(self, name: str) -> list[Row]:
        with gzip.open(self._folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def texts(self) -> list[str]:
        """English texts for distillation: sentences, questions, turns and passages."""
        found: dict[str, None] = {}
        for texts, most in self._text_sources():
            usable = list(dict.fromkeys(text.strip()[:700] for text in texts if len(text.strip()) > 8))
            found.update(dict.fromkeys(self._sample(usable, most)))
        return list(found)

    def _text_sources(self) -> Iterator[tuple[Iterable[str], int]]:
        pages = self._doc2dial_pages()
        yield (_full(row) for row in pages), 10_000
        yield (sentence for row in pages for sentence in _sentences(row["text"])), 10_000
        questions = self._doc2dial_questions()
        yield (turn["text"] for row in questions for turn in [*row["history"], {"text": row["question"]}]), 10_000
        for name, most in (("dstc11", 4000), ("dstc10", 5000)):
            yield (_full(row) for row in self.rows(f"{name}/knowledge")), most
        for name in ("abcd", "tau_retail"):
            passages = self.rows(f"{name}/knowledge")
            yield (text for row in passages for text in [_full(row), *_sentences(row["text"])]), 3000
        for name in ("clinc150", "banking77", "multidogo"):
            yield (row["text"] for row in self._train(self.rows(f"{name}/intents"))), 5000
        for name in ("dstc11", "bitext", "cucom", "star", "taskmaster4", "persona"):
            dialogues = self._dialogues(name)
            yield (part for row in dialogues for turn in row["turns"] for part in _sentences(turn["text"])), 3000

    def tasks(self) -> list[Task]:
        """All questions and their passages."""
        return [
            self._doc2dial(),
            self._dstc11(),
            self._kdconv(),
            self._entries(),
            self._first_lines(),
            *(self._same_intent(name) for name in ("clinc150", "banking77", "bitext")),
            *(self._replies(name) for name in ("bitext", "star", "cucom", "persona", "crosswoz")),
            *(self._sentences_of(name) for name in ("abcd", "tau_retail")),
        ]

    def _doc2dial(self) -> Task:
        passages = self._doc2dial_pages()
        numbers = {row["id"]: number for number, row in enumerate(passages)}
        task = Task("doc2dial", [_full(row) for row in passages], repeat=2, mine=True)
        for row in self._doc2dial_questions():
            answers = tuple(numbers[key] for key in row["knowledge"] if key in numbers)
            _ask(task, row["question"], row["history"], answers)
        return task

    def _dstc11(self) -> Task:
        return self._grounded("dstc11", self._dialogues("dstc11"), repeat=3)

    def _kdconv(self) -> Task:
        return self._grounded("kdconv", self._dialogues("kdconv"), repeat=1)

    def _grounded(self, name: str, dialogues: Sequence[Row], repeat: int) -> Task:
        """Turns whose reply names the passages that it was made from."""
        passages = self.rows(f"{name}/knowledge")
        numbers = {row["id"]: number for number, row in enumerate(passages)}
        task = Task(name, [_full(row) for row in passages], repeat=repeat, mine=True)
        for row in dialogues:
            turns = row["turns"]
            for place in range(1, len(turns)):
                answers = tuple(numbers[key] for key in turns[place].get("knowledge", ()) if key in numbers)
                _ask(task, turns[place - 1]["text"], turns[: place - 1], answers)
        return task

    def _entries(self) -> Task:
        """The questions of entries, and their answers without the question."""
        task, seen = Task("dstc10"), set()
        for row in self.rows("dstc10/knowledge"):
            _, _, question = row["title"].partition(" - ")
            answer = row["text"].removeprefix(question).strip()
            if question and answer != row["text"] and (question, answer) not in seen:
                seen.add((question, answer))
                task.add(question, answer)
        return task

    def _first_lines(self) -> Task:
        """The first line of a passage, which often is its heading, and the rest."""
        task = Task("doc2dial headings")
        for row in self._doc2dial_pages():
            first, *rest = _sentences(row["text"]) or [""]
            if rest:
                task.add(first, " ".join(rest))
        return task

    def _same_intent(self, name: str) -> Task:
        """Two ways to say the same."""
        by_label: dict[str, list[str]] = defaultdict(list)
        for row in self._train(self.rows(f"{name}/intents")):
            if row["label"] != "oos":
                by_label[row["label"]].append(row["text"])
        pairs = []
        for texts in by_label.values():
            self._random.shuffle(texts)
            pairs += list(zip(texts[::2], texts[1::2], strict=False))
        return self._paired(f"{name} intents", pairs, 3000)

    def _replies(self, name: str) -> Task:
        pairs = [
            (turn["text"], reply["text"][:600])
            for row in self._dialogues(name)
            for turn, reply in zip(row["turns"], row["turns"][1:], strict=False)
            if reply["role"] == "assistant" and min(len(turn["text"]), len(reply["text"])) > _LONG_TURN // 2
        ]
        return self._paired(f"{name} replies", pairs, 4000)

    def _sentences_of(self, name: str) -> Task:
        """The sentences of a passage and its title."""
        rows = self.rows(f"{name}/knowledge")
        pairs = [(text, row["title"]) for row in rows for text in _sentences(row["text"])]
        return self._paired(f"{name} titles", pairs, 1500)

    def _paired(self, name: str, pairs: list[tuple[str, str]], most: int) -> Task:
        task = Task(name)
        for question, passage in self._sample(pairs, most):
            task.add(question, passage)
        return task

    def _doc2dial_pages(self) -> list[Row]:
        return [row for row in self.rows("doc2dial/knowledge") if fold(page(row["id"])) not in self._left_out]

    def _doc2dial_questions(self) -> list[Row]:
        return [row for row in self.rows("doc2dial/qa.train") if fold(row["doc"]) not in self._left_out]

    def _dialogues(self, name: str) -> list[Row]:
        if name == "persona":
            return self.rows("persona_chat/persona.dev")
        rows = self.rows(f"{name}/dialogues.train")
        labelled = name in ("dstc11", "kdconv")
        return [row for row in rows if not labelled or fold(row["id"]) not in self._left_out]

    def _train(self, rows: Iterable[Row]) -> Iterator[Row]:
        return (row for row in rows if row["split"] == "train")

    def _sample(self, items: list[T], most: int) -> list[T]:
        return self._random.sample(items, most) if len(items) > most else items


def page(passage_id: str) -> str:
    """The page of a doc2dial passage."""
    return passage_id.removeprefix("doc2dial:").rpartition(":")[0]


def _ask(task: Task, question: str, history: Sequence[Row], answers: tuple[int, ...]) -> None:
    """The question by itself, and behind the turns before it."""
    if not answers:
        return
    task.questions.append(question)
    task.answers.append(answers)
    if history:
        before = " ".join(turn["text"] for turn in history[-_HISTORY_TURNS:])
        task.questions.append(f"{before} {question}")
        task.answers.append(answers)


def _full(row: Row) -> str:
    return f"{row['title']}. {row['text']}"


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text) if len(sentence) > 12]
