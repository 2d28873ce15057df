"""Text with spans, and what every platform needs to know of them. Offsets count code points."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import regex

Kind = Literal["bold", "italic", "strikethrough", "code", "pre", "link", "url", "quote"]

STYLES: Collection[Kind] = ("bold", "italic", "strikethrough")
_BLOCKS: Collection[Kind] = ("pre", "quote")
_OUTERMOST_FIRST: Sequence[Kind] = ("quote", "pre", "link", "bold", "italic", "strikethrough", "code", "url")
_CLUSTER = regex.compile(r"\X")
_VISIBLE = regex.compile(r"[^\s\p{Cc}\p{Cf}]")


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` is shown as `kind`; `value` is a link's address or a code block's language."""

    start: int
    end: int
    kind: Kind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text without marks; of two spans that share a character one contains the other and comes first.

    Styles do not contain their own kind, links and code contain no link and no code.
    """

    text: str
    spans: tuple[Span, ...]


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Outer ones before what they contain."""
    return sorted(spans, key=lambda span: (span.start, -span.end, _OUTERMOST_FIRST.index(span.kind)))


def is_blank(text: str) -> bool:
    """Whether a platform would call it empty."""
    return not _VISIBLE.search(text)


def first_visible(text: str, start: int, end: int) -> int:
    """The place of the first character between `start` and `end` that a platform shows; `end` if there is none."""
    found = _VISIBLE.search(text, start, end)
    return found.start() if found else end


def cluster_borders(text: str) -> bytearray:
    """[len(text) + 1], 1 where no grapheme cluster is cut."""
    if text.isascii() and "\r" not in text:
        return bytearray(b"\1") * (len(text) + 1)
    borders = bytearray(len(text) + 1)
    borders[0] = 1
    for cluster in _CLUSTER.finditer(text):
        borders[cluster.end()] = 1
    return borders


def utf16_width(text: str) -> int:
    """Code units of UTF-16, in which Telegram counts; Discord never counts more."""
    return len(text) + sum(character > "\uffff" for character in text)


def carve(spans: Sequence[Span], *kinds: Kind) -> list[Span]:
    """Styles that contain spans of `kinds` are cut around them; a link keeps the style on its label."""
    breakers = [span for span in spans if span.kind in kinds]
    carved: list[Span] = []
    first = 0
    for span in spans:
        while first < len(breakers) and breakers[first].end <= span.start:
            first += 1
        carved += _pieces(span, breakers, first) if span.kind in STYLES else [span]
    return in_order(carved)


def _pieces(span: Span, breakers: Sequence[Span], first: int) -> list[Span]:
    """`breakers` from `first` on are those that end behind the span's start."""
    pieces, position = [], span.start
    while first < len(breakers) and breakers[first].start < span.end:
        breaker = breakers[first]
        first += 1
        if breaker.start >= span.start and breaker.end <= span.end:
            pieces.append(replace(span, start=position, end=breaker.start))
            if breaker.kind == "link":
                pieces.append(replace(span, start=breaker.start, end=breaker.end))
            position = breaker.end
    pieces.append(replace(span, start=position))
    return [piece for piece in pieces if piece.start < piece.end]


def clip(text: str, spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """The spans of `text[start:end]`, without white space at their ends, which platforms do not take there.

    A block keeps the white space before its first word: there it is indentation.
    """
    clipped = []
    for span in spans:
        left, right = max(span.start, start), min(span.end, end)
        inside = text[left:right]
        right -= len(inside) - len(inside.rstrip())
        if span.kind not in _BLOCKS:
            left += len(inside) - len(inside.lstrip())
        if left < right:
            clipped.append(replace(span, start=left, end=right))
    return in_order(clipped)
