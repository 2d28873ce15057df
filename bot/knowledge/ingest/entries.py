"""Files that hold ready entries: .csv with questions and answers, .jsonl with passages."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.errors import KnowledgeError
from bot.knowledge.ingest.blocks import Content, Entry, one_line, title_of
from bot.knowledge.ingest.plain import clean, decode

UNPACKED_BYTES = 200 * 1024 * 1024
MOST_CELL = 1_000_000
LONGEST_ID = 255

_NAMES = {
    "question": "question questions q faq query prompt title frage fragen titel pregunta 问题 问 提问 标题",
    "answer": "answer answers a response reply text content antwort antworten respuesta réponse 答案 回答 答 解答 回复",
    "source": "source url link quelle 来源 链接 网址",
    "topic": "topic category section kategorie thema 分类 类别 主题",
    "language": "language lang sprache 语言",
}
_COLUMNS = {spelling: name for name, spellings in _NAMES.items() for spelling in spellings.split()}
_EXPECTED = "write a first line with the column names question,answer (also possible: source, topic, language)"


def parse_csv(path: Path, data: bytes) -> Content:
    """One entry a row. Two columns without names are read as question and answer; else raises KnowledgeError."""
    rows = _rows(decode(data))
    if not rows:
        raise KnowledgeError(f"it has no rows; {_EXPECTED}")
    columns = _columns(rows[0])
    if columns:
        rows = rows[1:]
    elif all(len(cells) == 2 for cells in rows):
        columns = {"question": 0, "answer": 1}
    else:
        raise KnowledgeError(f"it is not clear which column is the question and which the answer; {_EXPECTED}")
    entries = tuple(_entry(cells, columns) for cells in rows if _cell(cells, columns, "answer"))
    return Content(title=title_of(path), entries=entries)


def parse_jsonl(path: Path, data: bytes) -> Content:
    """One passage a line: `{"id", "title", "text", "source"}`; raises KnowledgeError with the line's number."""
    text = decode(_unzipped(data) if path.suffix == ".gz" else data)
    entries: dict[str, Entry] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        entry = _passage(line, number)
        if entry.id and entries.setdefault(entry.id, entry) != entry:
            raise KnowledgeError(f"line {number}: another passage has the id {entry.id!r} already")
        entries.setdefault(entry.id or f"\n{number}", entry)
    return Content(entries=tuple(entries.values()))


def _rows(text: str) -> list[list[str]]:
    """The rows that hold something, with the delimiter that the first line uses most."""
    csv.field_size_limit(MOST_CELL)
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise KnowledgeError(f"it is not a table of comma-separated values ({error})") from None
    return [cells for cells in rows if any(cell.strip() for cell in cells)]


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each known column is; empty unless there are a question and an answer."""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = _COLUMNS.get("_".join(cell.strip(" #*:：").lower().split()))
        if name:
            found.setdefault(name, place)
    return found if {"question", "answer"} <= found.keys() else {}


def _cell(cells: Sequence[str], columns: dict[str, int], name: str) -> str:
    place = columns.get(name)
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _entry(cells: Sequence[str], columns: dict[str, int]) -> Entry:
    topic = _cell(cells, columns, "topic")
    return Entry(
        title=one_line(_cell(cells, columns, "question")),
        text=_cell(cells, columns, "answer"),
        source=_cell(cells, columns, "source"),
        heading=(topic,) if topic else (),
        language=_cell(cells, columns, "language")[:35],
    )


def _passage(line: str, number: int) -> Entry:
    try:
        values = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise KnowledgeError(f"line {number} is not JSON ({str(error)[:80]})") from None
    if not isinstance(values, dict):
        raise KnowledgeError(f"line {number} is not a JSON object with id, title, text and source")
    text = _value(values, "text", number) or _value(values, "answer", number)
    if not text.strip():
        raise KnowledgeError(f"line {number} has no text")
    identity = _value(values, "id", number)
    if len(identity) > LONGEST_ID:
        raise KnowledgeError(f"line {number}: the id is longer than {LONGEST_ID} characters")
    title = _value(values, "title", number) or _value(values, "question", number)
    language = (_value(values, "lang", number) or _value(values, "language", number))[:35]
    return Entry(one_line(title), text, identity, _value(values, "source", number), language=language)


def _value(values: dict[str, Any], key: str, number: int) -> str:
    value = values.get(key)
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise KnowledgeError(f"line {number}: {key} must be a text")
    return clean(str(value))


def _unzipped(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            text = file.read(UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise KnowledgeError("it is not a gzip file, or damaged") from None
    if len(text) > UNPACKED_BYTES:
        raise KnowledgeError(f"it unpacks to more than {UNPACKED_BYTES // 2**20} MB")
    return text
