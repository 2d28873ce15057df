"""Markdown to text with spans, block by block.

markdown-it-py, which reads the knowledge base, keeps neither white space nor the places of its tokens in a
paragraph; here the text must come out letter by letter, so that the few blocks of chat messages are read by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import regex

from adapters.markup.inline import parse_inline
from adapters.markup.spans import STYLES, Kind, Marked, Span, cluster_borders, in_order, is_blank

_FENCE = regex.compile(r" {0,3}(`{3,10})[ \t]*([\w+#.-]{0,30})\s*")
_HEADING = regex.compile(r" {0,3}#{1,6}[ \t]+(?=\S)")
_QUOTE = regex.compile(r">(?: |(?=\r?$))")
_ITEM = regex.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_SURROGATE = regex.compile(r"[\ud800-\udfff]")


def parse(text: str) -> Marked:
    """Linear in the length of the text; surrogates without a partner become U+FFFD."""
    page = _Page()
    page.blocks(_whole_characters(text).split("\n"))
    shown = "".join(page.text)
    return Marked(shown, tuple(_proper(shown, page.spans)))


def plain(text: str) -> str:
    """The text without marks."""
    return parse(text).text


class _Page:
    """What has been read so far."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.spans: list[Span] = []
        self._length = 0
        self._unclosed_fence = 1 << 30

    def blocks(self, lines: Sequence[str], in_quote: bool = False) -> None:
        """Reads blocks and puts a line break between them."""
        index = 0
        while index < len(lines):
            if index:
                self._add("\n")
            index = self._block(lines, index, in_quote)

    def _block(self, lines: Sequence[str], index: int, in_quote: bool) -> int:
        """Reads the block that begins at a line; returns the line behind it."""
        line = lines[index]
        if not in_quote and (fence := _FENCE.fullmatch(line)) and (end := self._end_of_code(lines, index, fence[1])):
            self._span("pre", fence[2], lambda: self._add("\n".join(lines[index + 1 : end])))
            return end + 1
        if not in_quote and _QUOTE.match(line):
            return self._quote(lines, index)
        if heading := _HEADING.match(line):
            self._span("bold", "", lambda: self._inline(line[heading.end() :]))
            return index + 1
        end = index + 1
        while end < len(lines) and lines[end].strip() and not _begins_block(lines[end]):
            end += 1
        self._inline("\n".join(lines[index:end]))
        return end

    def _quote(self, lines: Sequence[str], index: int) -> int:
        end = index
        quoted = []
        while end < len(lines) and (mark := _QUOTE.match(lines[end])):
            quoted.append(lines[end][mark.end() :])
            end += 1
        if is_blank("".join(quoted)):
            self._inline("\n".join(lines[index:end]))
            return end
        self._span("quote", "", lambda: self.blocks(quoted, in_quote=True))
        return end

    def _end_of_code(self, lines: Sequence[str], start: int, fence: str) -> int | None:
        """The line that closes the block; one that is never closed, or that holds nothing, is text."""
        if len(fence) >= self._unclosed_fence:
            return None
        for index in range(start + 1, len(lines)):
            closing = lines[index].strip()
            if closing.startswith(fence) and not closing.strip("`"):
                return None if is_blank("".join(lines[start + 1 : index])) else index
        self._unclosed_fence = len(fence)
        return None

    def _inline(self, source: str) -> None:
        text, spans = parse_inline(source)
        start = self._length
        self._add(text)
        self.spans += [Span(start + span.start, start + span.end, span.kind, span.value) for span in spans]

    def _span(self, kind: Kind, value: str, read: Callable[[], None]) -> None:
        start = self._length
        read()
        self.spans.append(Span(start, self._length, kind, value))

    def _add(self, text: str) -> None:
        self.text.append(text)
        self._length += len(text)


def _begins_block(line: str) -> bool:
    return any(pattern.match(line) for pattern in (_FENCE, _HEADING, _QUOTE, _ITEM))


def _proper(text: str, spans: Sequence[Span]) -> list[Span]:
    """In order, without those that are blank, cut a grapheme cluster, or repeat the style in which they are."""
    borders = cluster_borders(text) if spans else bytearray()
    styled = dict.fromkeys(STYLES, 0)
    proper = []
    for span in in_order(spans):
        if not (borders[span.start] and borders[span.end]) or is_blank(text[span.start : span.end]):
            continue
        if span.kind in STYLES:
            if span.end <= styled[span.kind]:
                continue
            styled[span.kind] = span.end
        proper.append(span)
    return proper


def _whole_characters(text: str) -> str:
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
