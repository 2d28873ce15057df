"""Question-answer pairs from a CSV file, as a help desk or a spreadsheet exports them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from generation.errors import ModelUnusable
from generation.text.dialogues import Dialogue, Turn

QUESTION = ("question", "questions", "q", "prompt", "user", "customer", "input", "问题", "问")
ANSWER = ("answer", "answers", "a", "response", "reply", "assistant", "agent", "output", "回答", "答案", "答")
LANGUAGE = ("language", "lang", "语言")
PASSAGE = ("passage", "context", "knowledge")
SOURCE = "pairs"


def is_pairs(columns: Sequence[str]) -> bool:
    """Whether these column names hold questions and answers."""
    return _column(columns, QUESTION) is not None and _column(columns, ANSWER) is not None


def read_pairs(file: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> list[Dialogue]:
    """Each row as a conversation of one question and its answer.

    A column `passage` is what the answer rests on. Where there is none, every other answer is shown as its own
    passage, so that a model learns both what the shop says and to say what stands before it.
    """
    question, answer = _column(columns, QUESTION), _column(columns, ANSWER)
    if question is None or answer is None:
        found = ", ".join(columns) or "none"
        raise ModelUnusable(f"{file} needs a column `question` and a column `answer`; it has {found}.")
    return [
        _dialogue(row[question], row[answer], _cell(row, columns, LANGUAGE), _cell(row, columns, PASSAGE))
        for row in rows
    ]


def _dialogue(question: str, answer: str, language: str, passage: str) -> Dialogue:
    digest = hashlib.sha256(f"{question}\n{answer}".encode()).hexdigest()[:12]
    shown = passage or (answer if int(digest, 16) % 2 else "")
    turns = (Turn("user", question), Turn("assistant", answer, (shown,) if shown else ()))
    return Dialogue(f"{SOURCE}:{digest}", SOURCE, language, turns, published=True)


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    return next((column for column in columns if column.strip().casefold() in names), None)


def _cell(row: Mapping[str, str], columns: Sequence[str], names: Sequence[str]) -> str:
    column = _column(columns, names)
    return row[column].strip() if column else ""
