"""Markdown with tables, read by markdown-it-py; front matter may give `title` and `source`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.knowledge.ingest.blocks import Block, Content, one_line, row
from bot.knowledge.ingest.html import html_blocks
from bot.knowledge.ingest.plain import decode, join_lines

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|source|url|link)\s*:\s*[\"']?(.+?)[\"']?\s*$", re.IGNORECASE | re.MULTILINE)
_FORMATTING = re.compile(
    r"<(?:/?(?:a|abbr|b|br|code|em|font|i|img|kbd|mark|s|small|span|strong|sub|sup|u)\b|!--)", re.I
)
"""Other tags inside of a line are what the author meant to write, such as <order number>."""
_LIST = {"bullet_list_open", "ordered_list_open"}


def parse_markdown(path: Path, data: bytes) -> Content:
    """Headings, paragraphs, list items and table rows; raises KnowledgeError when it is no text."""
    text = decode(data)
    fields: dict[str, str] = {}
    if front := _FRONT_MATTER.match(text):
        fields = {name.lower(): value for name, value in _FIELD.findall(front[1])}
        text = text[front.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    link = fields.get("source") or fields.get("url") or fields.get("link") or ""
    return Content(fields.get("title", ""), link, tuple(_Reader().read(tokens)))


class _Reader:
    """Walks the tokens of one file; `_lists` holds the next number of each open list, None for bullets."""

    def __init__(self) -> None:
        self._lists: list[int | None] = []
        self._marker = ""
        self._cells: list[str] | None = None

    def read(self, tokens: Sequence[Token]) -> Iterator[Block]:
        level = 0
        for token in tokens:
            if token.type == "heading_open":
                level = int(token.tag[1])
            elif token.type == "inline":
                yield from self._inline(token, level)
            elif token.type in ("fence", "code_block"):
                yield from self._text(token.content)
            elif token.type == "html_block":
                yield from html_blocks(token.content)
            elif token.type == "tr_close":
                yield row(self._cells or [])
                self._cells = None
            else:
                self._structure(token)
            level = level if token.type == "heading_open" else 0

    def _structure(self, token: Token) -> None:
        if token.type in _LIST:
            start = int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else None
            self._lists.append(start)
        elif token.type.endswith("_list_close"):
            self._lists.pop()
        elif token.type == "list_item_open":
            self._marker = self._next_marker()
        elif token.type == "tr_open":
            self._cells = []

    def _inline(self, token: Token, level: int) -> Iterator[Block]:
        text = plain(token.children or [])
        if self._cells is not None:
            self._cells.append(text)
        elif level:
            yield Block("heading", one_line(text), level)
        else:
            yield from self._text(text)

    def _text(self, text: str) -> Iterator[Block]:
        text = join_lines(text.split("\n"))
        if not text:
            return
        if self._lists:
            yield Block("item", (self._marker or "  " * len(self._lists)) + text)
            self._marker = ""
        else:
            yield Block("paragraph", text)

    def _next_marker(self) -> str:
        indent = "  " * (len(self._lists) - 1)
        number = self._lists[-1]
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "


def plain(children: Sequence[Token]) -> str:
    """The words of inline tokens; a link keeps its address if it is one that can be opened from anywhere."""
    words: list[str] = []
    links: list[tuple[int, str]] = []
    for token in children:
        if token.type in ("text", "code_inline"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append("\n")
        elif token.type == "html_inline" and not _FORMATTING.match(token.content):
            words.append(token.content)
        elif token.type == "image":
            words.append(plain(token.children or []))
        elif token.type == "link_open":
            links.append((len(words), str(token.attrs.get("href", ""))))
        elif token.type == "link_close":
            start, address = links.pop()
            if address.startswith("http") and address not in "".join(words[start:]):
                words.append(f" ({address})")
    return "".join(words)
