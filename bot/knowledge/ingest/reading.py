"""Reads one file: the right parser for its name, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.errors import KnowledgeError
from bot.knowledge.ingest.blocks import Content, title_of
from bot.knowledge.ingest.passages import Origin, passages
from bot.messages import Passage

MOST_BYTES = 50 * 1024 * 1024
MOST_PASSAGES = 100_000

Parser = Callable[[Path, bytes], Content]

SUFFIXES = (
    ".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx", ".csv", ".jsonl", ".jsonl.gz",
)  # fmt: skip


def suffix(path: Path) -> str:
    """The ending by which a parser is chosen; empty for a file that Parley cannot read."""
    name = path.name.lower()
    return next((ending for ending in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(ending)), "")


def read_passages(path: Path, document_id: str, source: str) -> list[Passage]:
    """The passages of a file; `source` is what its citations name. Raises KnowledgeError with the reason alone."""
    data = _bytes(path)
    content = _parser(suffix(path))(path, data)
    found = passages(content, Origin(document_id, title_of(path), source))
    if not found:
        raise KnowledgeError("it holds no text")
    if len(found) > MOST_PASSAGES:
        raise KnowledgeError(f"it makes {len(found)} passages, more than {MOST_PASSAGES}; split it")
    return found


def refuse_large(path: Path) -> None:
    """Raises KnowledgeError for a file that is too large to be read, and OSError."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise KnowledgeError(f"it has {size // 2**20} MB, more than {MOST_BYTES // 2**20} MB; split it")


def _bytes(path: Path) -> bytes:
    try:
        refuse_large(path)
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(f"it cannot be read ({error.strerror or error})") from None
    if not data.strip():
        raise KnowledgeError("it is empty")
    return data


def _parser(ending: str) -> Parser:
    """Parsers are loaded when a file needs them: a folder of Markdown pays for no PDF library."""
    if ending in (".md", ".markdown"):
        from bot.knowledge.ingest.markdown import parse_markdown as parse
    elif ending in (".html", ".htm"):
        from bot.knowledge.ingest.html import parse_html as parse
    elif ending == ".pdf":
        from bot.knowledge.ingest.pdf import parse_pdf as parse
    elif ending == ".docx":
        from bot.knowledge.ingest.word import parse_word as parse
    elif ending == ".csv":
        from bot.knowledge.ingest.entries import parse_csv as parse
    elif ending in (".jsonl", ".jsonl.gz"):
        from bot.knowledge.ingest.entries import parse_jsonl as parse
    elif ending == ".txt":
        from bot.knowledge.ingest.plain import parse_text as parse
    else:
        raise KnowledgeError(f"files of this kind cannot be read; possible are {', '.join(SUFFIXES)}")
    return parse
