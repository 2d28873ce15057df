"""Text files: their encoding, and the blocks of a .txt."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import regex
from charset_normalizer import from_bytes

from bot.errors import KnowledgeError
from bot.knowledge.ingest.blocks import Block, Content, one_line

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SAMPLE_BYTES = 64 * 1024
_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}--[\t\n\r\f]]", regex.VERSION1)
_LATIN_CONTROL = regex.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROL = 0.01
"""Text has no control characters but those of lines; a file with more than this share is binary."""

_ITEM = regex.compile(r"\s*(?:[-*+•·–]\s+|\d{1,2}[.)、]\s*|[a-z][.)]\s+)\S")
_QUESTION = regex.compile(r"\s*(?:Q|F|问|問|Question|Frage)\s*\d*\s*[:：.、]\s*(?=\S)", regex.IGNORECASE)
_ANSWER = regex.compile(r"\s*(?:A|答|Answer|Antwort)\s*\d*\s*[:：.、]\s*(?=\S)", regex.IGNORECASE)
_CLOSED = regex.compile(r"[.!:;,…。！：；，、]$")
_HEADING_CHARACTERS = 80


def decode(data: bytes) -> str:
    """The text of a file in whatever encoding it is; raises KnowledgeError when it is no text."""
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    text = data.decode(encoding, "replace") if encoding else _guess(data)
    _refuse_binary(text)
    return clean(text)


def clean(text: str) -> str:
    """Without control characters, which no database and no reader wants, and with one kind of line end."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def parse_text(path: Path, data: bytes) -> Content:
    """Paragraphs are parted by blank lines; a short line of its own without a full stop is a heading."""
    paragraphs = [part for part in regex.split(r"\n\s*\n", decode(data)) if part.strip()]
    blocks: list[Block] = []
    for number, paragraph in enumerate(paragraphs):
        blocks += _blocks(paragraph.strip("\n").split("\n"), last=number == len(paragraphs) - 1)
    return Content(blocks=tuple(blocks))


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        _refuse_binary(data[:_SAMPLE_BYTES].decode("latin-1"), _LATIN_CONTROL)
        match = from_bytes(data[:_SAMPLE_BYTES]).best()
    if match is None:
        raise KnowledgeError("its character encoding cannot be told; save it as UTF-8")
    return data.decode(match.encoding, "replace")


def _refuse_binary(text: str, control: regex.Pattern[str] = _CONTROL) -> None:
    if len(control.findall(text)) > _MOST_CONTROL * len(text):
        raise KnowledgeError("it is not text (it holds binary data)")


def _blocks(lines: list[str], last: bool) -> Iterator[Block]:
    first = lines[0].strip()
    if _QUESTION.match(first):
        yield Block("heading", _QUESTION.sub("", first, count=1), level=2)
        yield from _body(lines[1:])
    elif _is_heading(first) and (first.endswith(("?", "？")) if len(lines) > 1 else not last):
        yield Block("heading", first.strip("#= "), level=2)
        yield from _body(lines[1:])
    else:
        yield from _body(lines)


def _is_heading(line: str) -> bool:
    return len(line) <= _HEADING_CHARACTERS and not _CLOSED.search(line) and not _ITEM.match(line)


def _body(lines: list[str]) -> Iterator[Block]:
    """Wrapped lines are joined again, list items stay lines of their own."""
    kept: list[str] = []
    for line in lines:
        if _QUESTION.match(line) or _ITEM.match(line):
            yield from _paragraph(kept)
            kept = []
        if _QUESTION.match(line):
            yield Block("heading", one_line(_QUESTION.sub("", line, count=1)), level=2)
        else:
            kept.append(_ANSWER.sub("", line, count=1))
    yield from _paragraph(kept)


def _paragraph(lines: list[str]) -> Iterator[Block]:
    text = join_lines(lines)
    if text:
        yield Block("item" if _ITEM.match(text) else "paragraph", text)


def join_lines(lines: list[str]) -> str:
    """One line of several; between two Chinese or Japanese characters no space is put."""
    joined = "\n".join(line.strip() for line in lines if line.strip())
    joined = regex.sub(r"(?<=[\p{Han}\p{Kana}，。；、])\n(?=[\p{Han}\p{Kana}，。；、：！？）])", "", joined)
    return one_line(joined)
