"""Word files (.docx), read by python-docx."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph

from bot.errors import KnowledgeError
from bot.knowledge.ingest.blocks import Block, Content, one_line, row
from bot.knowledge.ingest.plain import clean

UNPACKED_BYTES = 200 * 1024 * 1024
"""A .docx is a zip; one that unpacks to more than this is a bomb or no document for customers."""

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)


def parse_word(path: Path, data: bytes) -> Content:
    """Headings by their styles, paragraphs, list items and table rows; raises KnowledgeError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > UNPACKED_BYTES:
            raise KnowledgeError(f"it unpacks to {unpacked // 2**20} MB, more than {UNPACKED_BYTES // 2**20} MB")
        document: Document = docx.Document(io.BytesIO(data))
        blocks = tuple(_blocks(document))
    except (
        zipfile.BadZipFile,
        OpcError,
        SyntaxError,
        KeyError,
        ValueError,
        AttributeError,
        NotImplementedError,
    ) as error:
        raise KnowledgeError(f"it is not a Word document, or damaged ({type(error).__name__})") from None
    return Content(title=clean(document.core_properties.title or ""), blocks=blocks)


def _blocks(document: Document) -> Iterator[Block]:
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield from _rows(part)
        elif text := one_line(clean(part.text)):
            yield _block(part, text)


def _block(paragraph: Paragraph, text: str) -> Block:
    style = (paragraph.style.name or "") if paragraph.style else ""
    if style == "Title":
        return Block("heading", text, 1)
    if heading := _HEADING.match(style):
        return Block("heading", text, min(max(int(heading[1]), 1), 6))
    properties = paragraph._p.pPr
    if style.startswith("List") or (properties is not None and properties.numPr is not None):
        return Block("item", f"- {text}")
    return Block("paragraph", text)


def _rows(table: Table) -> Iterator[Block]:
    """A merged cell is given once for each place that it covers; it is shown once."""
    for line in table.rows:
        cells = list(dict.fromkeys(line.cells))
        if any(cell.text.strip() for cell in cells):
            yield row([clean(cell.text) for cell in cells])
