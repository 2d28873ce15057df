"""PDF files, read by pypdf: lines are put together to paragraphs again, larger or bold lines are headings."""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf
import regex
from pypdf.errors import PyPdfError

from bot.errors import KnowledgeError
from bot.knowledge.ingest.blocks import Block, Content, one_line
from bot.knowledge.ingest.plain import clean, join_lines

MOST_PAGES = 5000
_LARGER = 1.12
_HEADING_WORDS = 16
_FULL = 0.75
_REPEATED = 0.5
"""A line at the edge of more than this share of the pages is a running title."""

_ITEM = regex.compile(r"(?:[•·▪●◦–*-]\s*|\(?\d{1,2}[.)]\s+)\S")
_BULLET = regex.compile(r"^[•·▪●◦–*-]\s*")
_ENDED = regex.compile(r"[.!?:;。！？：；…][\"'”’)）]*$")
_PAGE_NUMBER = regex.compile(
    r"\W*(?:(?:page|seite|第)\s*)?\d{1,4}\s*页?(?:\s*(?:/|of|von|共)\s*\d{1,4}\s*页?)?\W*", regex.I
)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    bold: bool
    page: int


def parse_pdf(path: Path, data: bytes) -> Content:
    """Headings, paragraphs and list items with their page; raises KnowledgeError when there is no text to be had."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise KnowledgeError("it is protected by a password; save it without one")
        if len(reader.pages) > MOST_PAGES:
            raise KnowledgeError(f"it has {len(reader.pages)} pages, more than {MOST_PAGES}; split it")
        pages = [_lines(page, number) for number, page in enumerate(reader.pages, 1)]
        title = clean(str(reader.metadata.title or "")) if reader.metadata else ""
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        raise KnowledgeError(f"the PDF is damaged ({type(error).__name__}: {one_line(str(error))[:100]})") from None
    lines = _without_running_titles(pages)
    if not lines:
        raise KnowledgeError("it holds no text, only pictures; run text recognition (OCR) over it first")
    return Content(title=one_line(title), blocks=tuple(_blocks(lines)))


def _lines(page: pypdf.PageObject, number: int) -> list[_Line]:
    """The page's lines with the size and weight of their largest letters."""
    pieces: list[tuple[str, float, bool]] = []

    def visit(text: str, matrix: Sequence[float], text_matrix: Sequence[float], font: Any, size: float) -> None:
        scale = abs(text_matrix[3] or text_matrix[1] or 1) * abs(matrix[3] or matrix[1] or 1)
        name = str((font or {}).get("/BaseFont", "")).lower()
        pieces.append((text, round(float(size or 0) * scale, 1), "bold" in name or "black" in name))

    page.extract_text(visitor_text=visit)
    lines: list[_Line] = []
    current: list[tuple[str, float, bool]] = []
    for text, size, bold in pieces:
        *ended, rest = clean(text).split("\n")
        for part in ended:
            lines += _line([*current, (part, size, bold)], number)
            current = []
        current.append((rest, size, bold))
    return lines + _line(current, number)


def _line(pieces: list[tuple[str, float, bool]], page: int) -> list[_Line]:
    """The line made of pieces, as a list of one; a blank line is kept as an empty text, for it ends a paragraph."""
    text = one_line("".join(piece[0] for piece in pieces))
    seen = [piece for piece in pieces if piece[0].strip()]
    return [_Line(text, max((piece[1] for piece in seen), default=0), all(piece[2] for piece in seen), page)]


def _without_running_titles(pages: Sequence[Sequence[_Line]]) -> list[_Line]:
    edges: Counter[str] = Counter()
    for page in pages:
        texts = [line.text for line in page if line.text]
        edges.update({_folded(text) for text in texts[:2] + texts[-2:]})
    least = max(2, _REPEATED * len(pages))
    running = {text for text, count in edges.items() if count > least}
    kept = [
        line
        for page in pages
        for line in page
        if not _PAGE_NUMBER.fullmatch(line.text) and _folded(line.text) not in running
    ]
    return kept if any(line.text for line in kept) else []


def _folded(text: str) -> str:
    return regex.sub(r"\d+", "0", text)


def _blocks(lines: Sequence[_Line]) -> Iterator[Block]:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    levels = {
        size: min(rank, 5)
        for rank, size in enumerate(sorted((s for s in sizes if s > body * _LARGER), reverse=True), 1)
    }
    width = max(len(line.text) for line in lines)
    paragraph: list[_Line] = []
    for line in lines:
        level = _heading_level(line, levels, body)
        if paragraph and (level or not _continues(paragraph, line, width)):
            yield _paragraph(paragraph)
            paragraph = []
        if level:
            yield Block("heading", line.text, level, f"page={line.page}")
        elif line.text:
            paragraph.append(line)
    if paragraph:
        yield _paragraph(paragraph)


def _heading_level(line: _Line, levels: dict[float, int], body: float) -> int:
    """1 to 6, or 0 for a line that is no heading."""
    short = 0 < len(line.text.split()) <= _HEADING_WORDS and not regex.search(r"[.,;。，；]$", line.text)
    if not short or _ITEM.match(line.text):
        return 0
    return levels.get(line.size, 6 if line.bold and line.size >= body else 0)


def _continues(paragraph: Sequence[_Line], line: _Line, width: int) -> bool:
    """Whether a line goes on with the paragraph: it begins no item, and a line that ended a sentence was a full one."""
    last = paragraph[-1]
    if not line.text or _ITEM.match(line.text) or line.size != last.size:
        return False
    if not _ENDED.search(last.text):
        return True
    return not _ITEM.match(paragraph[0].text) and len(last.text) >= _FULL * width


def _paragraph(lines: Sequence[_Line]) -> Block:
    text = regex.sub(r"(?<=\p{Ll})[-\u00ad]\n(?=\p{Ll})", "", "\n".join(line.text for line in lines))
    text = join_lines(text.split("\n"))
    anchor = f"page={lines[0].page}"
    if _ITEM.match(text):
        return Block("item", _BULLET.sub("- ", text), anchor=anchor)
    return Block("paragraph", text, anchor=anchor)
