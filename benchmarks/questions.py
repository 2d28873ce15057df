"""The labelled questions of the public sets, as queries over a list of passages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.messages import Passage, Query, Utterance
from generation.embedding.corpus import fold

DATA = Path(__file__).parents[2] / "shared" / "data"
PARTS = ("train", "valid")

Row = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A query, the ids of the passages that answer it, and the fold of its page or dialogue."""

    query: Query
    right: frozenset[str]
    fold: int


@dataclass(frozen=True)
class QuestionSet:
    """Questions over one list of passages."""

    name: str
    language: str
    passages: Sequence[Passage]
    questions: Sequence[Question]

    def only(self, keep: Callable[[Question], bool]) -> QuestionSet:
        """The same passages with some of the questions."""
        return QuestionSet(self.name, self.language, self.passages, [item for item in self.questions if keep(item)])


def doc2dial(data: Path = DATA, parts: Sequence[str] = PARTS) -> QuestionSet:
    """Questions on pages of public services, with their history; the fold is the page's."""
    rows = [row for part in parts for row in _rows(data, f"doc2dial/qa.{part}")]
    questions = [
        Question(_query(row["question"], row["history"]), frozenset(row["knowledge"]), fold(row["doc"])) for row in rows
    ]
    return QuestionSet("doc2dial", "en", _passages(data, "doc2dial"), questions)


def dstc11(data: Path = DATA, parts: Sequence[str] = PARTS) -> QuestionSet:
    """Questions about hotels and restaurants, with their history; valid dialogues have fold 0."""
    return _grounded(data, "dstc11", "en", ("assistant",), parts)


def kdconv(data: Path = DATA) -> QuestionSet:
    """Chinese talk on films, music and travel; valid dialogues have fold 0."""
    return _grounded(data, "kdconv", "zh", ("assistant", "user"))


def xquad(language: str, data: Path = DATA) -> QuestionSet:
    """Questions on paragraphs of Wikipedia, in `en` or `zh`."""
    passages = [passage for passage in _passages(data, "xquad") if passage.language == language]
    rows = [row for row in _rows(data, "xquad/qa.dev") if row["lang"] == language]
    return QuestionSet(f"xquad {language}", language, passages, _single(rows))


def cmrc2018(data: Path = DATA) -> QuestionSet:
    """Questions on paragraphs of the Chinese Wikipedia."""
    return QuestionSet("cmrc2018", "zh", _passages(data, "cmrc2018"), _single(_rows(data, "cmrc2018/qa.dev")))


def tau2_banking(data: Path = DATA) -> QuestionSet:
    """Whole descriptions of what a bank's customer wants, and the documents that an agent needs for it."""
    rows = [row | {"question": row["scenario"]} for row in _rows(data, "tau2_banking/tasks.dev") if row["knowledge"]]
    return QuestionSet("tau2_banking", "en", _passages(data, "tau2_banking"), _single(rows))


def _grounded(
    data: Path, name: str, language: str, answering: tuple[str, ...], parts: Sequence[str] = PARTS
) -> QuestionSet:
    """Turns whose reply names its passages; the asker is the user, whoever that was in the data."""
    questions: list[Question] = []
    for part in parts:
        for row in _rows(data, f"{name}/dialogues.{part}"):
            number = fold(row["id"]) if part == "train" else 0
            questions += [Question(query, right, number) for query, right in _replies(row["turns"], answering)]
    return QuestionSet(name, language, _passages(data, name), questions)


def _replies(turns: Sequence[Row], answering: tuple[str, ...]) -> Iterator[tuple[Query, frozenset[str]]]:
    for place in range(1, len(turns)):
        if turns[place].get("knowledge") and turns[place]["role"] in answering:
            asker = turns[place - 1]["role"]
            history = [
                {"role": "user" if turn["role"] == asker else "assistant", "text": turn["text"]}
                for turn in turns[: place - 1]
            ]
            yield _query(turns[place - 1]["text"], history), frozenset(turns[place]["knowledge"])


def _single(rows: Sequence[Row]) -> list[Question]:
    return [Question(Query(row["question"]), frozenset(row["knowledge"]), 0) for row in rows]


def _query(text: str, history: Sequence[Row]) -> Query:
    return Query(text, tuple(Utterance(turn["role"], turn["text"]) for turn in history))


def _passages(data: Path, name: str) -> list[Passage]:
    return [
        Passage(row["id"], row["title"].replace("_", " "), row["text"], row["source"], language=row.get("lang", ""))
        for row in _rows(data, f"{name}/knowledge")
    ]


def _rows(data: Path, name: str) -> list[Row]:
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
