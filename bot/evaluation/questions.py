"""Labelled questions and passages in files of JSON lines, gzipped or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from bot.errors import UsageError
from bot.evaluation import json_lines
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
    questions = [_question(row, where) for where, row in json_lines.read(path)]
    if not questions:
        raise UsageError(f"{path} has no questions.")
    return questions


def read_passages(path: Path) -> list[Passage]:
    """The passages of a file; raises UsageError that names file and line of what is wrong."""
    passages = [
        Passage(
            json_lines.text(row, "id", where),
            str(row.get("title") or ""),
            json_lines.text(row, "text", where),
            str(row.get("source") or path.name),
            document_id=str(row.get("source") or path.name),
            position=position,
        )
        for position, (where, row) in enumerate(json_lines.read(path))
    ]
    if not passages:
        raise UsageError(f"{path} has no passages.")
    return passages


def _question(row: Mapping[str, Any], where: str) -> LabelledQuestion:
    is_turn = "needs_knowledge" in row
    history = tuple(_utterance(turn, where) for turn in _list(row, "history", where))
    answerable = row.get("needs_knowledge") if is_turn else row.get("answerable", True)
    if not isinstance(answerable, bool):
        raise UsageError(f"{where}: `{'needs_knowledge' if is_turn else 'answerable'}` must be true or false.")
    return LabelledQuestion(
        json_lines.text(row, "id", where),
        Query(json_lines.text(row, "text" if is_turn else "question", where), history, row.get("lang")),
        tuple(str(span) for span in _list(row, "answers", where)),
        frozenset(str(passage) for passage in _list(row, "knowledge", where)),
        answerable,
        str(row.get("source") or ""),
    )


def _utterance(turn: object, where: str) -> Utterance:
    if not isinstance(turn, dict) or turn.get("role") not in get_args(Role) or not isinstance(turn.get("text"), str):
        raise UsageError(f"{where}: each turn of `history` needs a `role` ({', '.join(get_args(Role))}) and a `text`.")
    return Utterance(turn["role"], turn["text"])


def _list(row: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = row.get(key) or []
    if not isinstance(value, list):
        raise UsageError(f"{where}: `{key}` must be a list.")
    return value
