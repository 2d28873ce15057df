"""Message parts for Telegram: text and entities, https://core.telegram.org/bots/api#messageentity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from adapters.markup.parsing import parse
from adapters.markup.spans import Kind, Marked, Span, carve
from adapters.markup.splitting import split

_TYPES: dict[Kind, str] = {
    "bold": "bold",
    "italic": "italic",
    "strikethrough": "strikethrough",
    "code": "code",
    "pre": "pre",
    "link": "text_link",
    "quote": "blockquote",
}
"""Bare addresses are missing: Telegram finds them by itself."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A MessageEntity with the fields of the Bot API; offset and length count UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class TelegramPart:
    """One message's text and its entities, outer ones first."""

    text: str
    entities: tuple[Entity, ...] = ()


def telegram_parts(text: str, limit: int = 4096) -> list[TelegramPart]:
    """The messages that show a Markdown text; each is at most `limit` (at least 2) UTF-16 code units long.

    Their texts put together are `plain(text)`, but for pieces of white space as long as a whole part.
    """
    if limit < 2:
        raise ValueError("A part must have room for a character, which takes up to 2 code units.")
    marked = parse(text)
    marked = Marked(marked.text, tuple(carve(marked.spans, "code")))
    widths = [1 + (character > "\uffff") for character in marked.text]
    before = list(accumulate(widths, initial=0))
    return [
        TelegramPart(
            marked.text[start:end], tuple(_entity(span, before, start) for span in spans if span.kind in _TYPES)
        )
        for start, end, spans in split(marked, widths, lambda span: 0, limit)
    ]


def _entity(span: Span, before: Sequence[int], start: int) -> Entity:
    """`before` is the width of the text before each character, `start` where the part begins."""
    return Entity(
        _TYPES[span.kind],
        before[span.start] - before[start],
        before[span.end] - before[span.start],
        url=span.value if span.kind == "link" else None,
        language=(span.value or None) if span.kind == "pre" else None,
    )
