"""Question files: what is read, and what is said of a bad line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UsageError
from bot.evaluation.questions import read_passages, read_questions
from bot.messages import Utterance


def file(folder: Path, *rows: Any) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def test_a_question_without_answerable_is_answerable(tmp_path: Path) -> None:
    row = {"id": "1", "question": "How long?", "answers": ["3 days"], "knowledge": ["p"]}

    (question,) = read_questions(file(tmp_path, row))

    assert question.answerable
    assert question.answers == ("3 days",)
    assert question.knowledge == {"p"}


def test_history_and_turns_of_dialogues_are_read(tmp_path: Path) -> None:
    history = [{"role": "user", "text": "Hello"}]

    (turn,) = read_questions(
        file(tmp_path, {"id": "1", "text": "Book it.", "history": history, "needs_knowledge": False})
    )

    assert not turn.answerable
    assert turn.query.history == (Utterance("user", "Hello"),)


def test_gzipped_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.write('{"id": "p", "title": "T", "text": "运费十元。", "source": "s"}\n')

    assert read_passages(path)[0].text == "运费十元。"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ({"id": "1"}, "`question` must be a text"),
        ({"id": "1", "question": "  "}, "`question` must be a text"),
        ({"question": "Where?"}, "`id` must be a text"),
        ({"id": "1", "question": "Where?", "answers": "here"}, "`answers` must be a list"),
        ({"id": "1", "question": "Where?", "answerable": "no"}, "`answerable` must be true or false"),
        ({"id": "1", "question": "Where?", "history": [{"role": "bot", "text": "x"}]}, "each turn of `history`"),
    ],
)
def test_a_bad_line_is_named_with_file_and_line(tmp_path: Path, row: Any, problem: str) -> None:
    path = file(tmp_path, {"id": "0", "question": "Good?"}, row)

    with pytest.raises(UsageError) as error:
        read_questions(path)

    assert f"{path}, line 2" in str(error.value)
    assert problem in str(error.value)


def test_files_that_are_missing_damaged_or_empty_are_named(tmp_path: Path) -> None:
    empty, damaged = tmp_path / "empty.jsonl", tmp_path / "damaged.jsonl.gz"
    empty.write_text("\n")
    damaged.write_bytes(b"\x1f\x8b\x08nothing")
    for path in (tmp_path / "missing.jsonl", empty, damaged):
        with pytest.raises(UsageError, match=path.name):
            read_questions(path)
        with pytest.raises(UsageError, match=path.name):
            read_passages(path)
