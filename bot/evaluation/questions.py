"""Labelled questions and passages in files of JSON lines, gzipped or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from bot.errors import UsageError
from bot.messages import Passage, Query, Role, Utterance


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with what is known of its answer.

    `answers` are gold spans (any of them is right), `knowledge` the ids of the passages that answer it (any);
    both may be empty. `source` names the set that it came from.
    """

    id: str
    query: Query
    answers: tuple[str, ...] = ()
    knowledge: frozenset[str] = frozenset()
    answerable: bool = True
    source: str = ""


def read_questions(path: Path) -> list[LabelledQuestion]:
    """The questions of a file; raises UsageError that names file and line of what is wrong.

    A row is a question (`question`, with `history`, `answers`, `knowledge`, `answerable`), or a turn of dstc11
    (`text`, with `history` and `needs_knowledge`): one that needs no knowledge is not answerable.
    """
    questions = [_question(row, where) for where, row in _rows(path)]
    if not questions:
        raise UsageError(f"{path} has no questions.")
    return questions


def read_passages(path: Path) -> list[Passage]:
    """The passages of a file; raises UsageError that names file and line of what is wrong."""
    passages = [
        Passage(
            _text(row, "id", where),
            str(row.get("title") or ""),
            _text(row, "text", where),
            str(row.get("source") or path.name),
            document_id=str(row.get("source") or path.name),
            position=position,
        )
        for position, (where, row) in enumerate(_rows(path))
    ]
    if not passages:
        raise UsageError(f"{path} has no passages.")
    return passages


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with the words for where it stands."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}, line {number}", _object(line, f"{path}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where}: this is not JSON ({error}).") from None
    if not isinstance(row, dict):
        raise UsageError(f"{where}: must be a JSON object.")
    return row


def _question(row: Mapping[str, Any], where: str) -> LabelledQuestion:
    is_turn = "needs_knowledge" in row
    history = tuple(_utterance(turn, where) for turn in _list(row, "history", where))
    answerable = row.get("needs_knowledge") if is_turn else row.get("answerable", True)
    if not isinstance(answerable, bool):
        raise UsageError(f"{where}: `{'needs_knowledge' if is_turn else 'answerable'}` must be true or false.")
    return LabelledQuestion(
        _text(row, "id", where),
        Query(_text(row, "text" if is_turn else "question", where), history, row.get("lang")),
        tuple(str(span) for span in _list(row, "answers", where)),
        frozenset(str(passage) for passage in _list(row, "knowledge", where)),
        answerable,
        str(row.get("source") or ""),
    )


def _utterance(turn: object, where: str) -> Utterance:
    if not isinstance(turn, dict) or turn.get("role") not in get_args(Role) or not isinstance(turn.get("text"), str):
        raise UsageError(f"{where}: each turn of `history` needs a `role` ({', '.join(get_args(Role))}) and a `text`.")
    return Utterance(turn["role"], turn["text"])


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: `{key}` must be a text that is not empty.")
    return value


def _list(row: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = row.get(key) or []
    if not isinstance(value, list):
        raise UsageError(f"{where}: `{key}` must be a list.")
    return value
