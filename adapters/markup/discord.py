"""Message parts for Discord, in its own Markdown, https://support.discord.com/hc/en-us/articles/210298617."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import regex

from adapters.markup.parsing import parse
from adapters.markup.spans import Kind, Marked, Span, carve, utf16_width
from adapters.markup.splitting import affordable, split

_MARKS: dict[Kind, tuple[str, str]] = {
    "bold": ("**", "**"),
    "italic": ("_", "_"),
    "strikethrough": ("~~", "~~"),
    "code": ("`", "`"),
    "url": ("<", ">"),
    "quote": ("> ", ""),
}
_RAW: tuple[Kind, ...] = ("code", "pre", "url")
_SPECIAL = regex.compile(
    r"""[\\`]
      | \*(?!(?<=^[ \t]*\*)[ \t])         # but for the mark of a list
      | _(?<![\p{L}\p{N}]_) | _(?![\p{L}\p{N}])
      | ~(?=~) | (?<=~)~ | \|(?=\|) | (?<=\|)\|
      | (?<=\])\(                         # a link of Discord's own
      | <(?=[@\#:/A-Za-z])                # mentions, emoji, times, addresses
      | @(?=everyone|here)
      | (?<=^[ \t]*)(?: \#(?=\#{0,2}[ \t]) | >(?=(?:>>)?[ \t]) | -(?=[ \t]+\d|\#+[ \t]))
    """,
    regex.VERBOSE | regex.MULTILINE,
)
_EDGES = 2
"""Room for the escapes that a character needs only at an edge of a part."""

_BRACKET = regex.compile(r"[\[\]]")
_OPENS_BLOCK = regex.compile(r"[ \t]*(?:(?P<mark>)(?:#{1,3}|-#|>|>>>|[-*+])|\d+(?P<mark>)\.)[ \t]")


def discord_parts(text: str, limit: int = 2000) -> list[str]:
    """The messages that show a Markdown text; each is at most `limit` (at least 8) UTF-16 code units long.

    What they show, put together, is `plain(text)`, but for pieces of white space as long as a whole part. What would
    mean something to Discord and is not a mark of the text is escaped; nobody is mentioned.
    """
    if limit < 8:
        raise ValueError("A part must have room for a character and its marks.")
    marked = _showable(parse(text), limit - _EDGES)
    characters = _characters(marked)
    widths = [utf16_width(each) for each in characters]
    parts = []
    for start, end, spans in split(marked, widths, _overhead, limit - _EDGES):
        for place in _special_at_edges(marked.text, start, end):
            raw = any(span.kind in _RAW and span.start <= place < span.end for span in spans)
            if not raw and characters[place] == marked.text[place]:
                characters[place] = "\\" + characters[place]
        parts.append(_show(characters, spans, start, end))
    return parts


def _showable(marked: Marked, limit: int) -> Marked:
    """Leaves out what Discord cannot show: ticks in code, addresses that do not fit a part."""
    shown = [span for span in marked.spans if _can_be_shown(marked.text[span.start : span.end], span, limit)]
    return Marked(marked.text, affordable(carve(shown, "code", "url", "link"), _overhead, limit))


def _can_be_shown(content: str, span: Span, limit: int) -> bool:
    match span.kind:
        case "code":
            return "`" not in content
        case "pre":
            return "```" not in content
        case "url":
            return utf16_width(content) <= limit // 2
        case "link":  # Discord knows no escape for a bracket in a label, and a cut may leave one without its partner
            return not _BRACKET.search(content) or 2 * len(content) + len(span.value) <= limit // 2
        case _:
            return True


def _marks(span: Span) -> tuple[str, str]:
    if span.kind == "pre":
        return f"```{span.value}\n", "\n```"
    if span.kind == "link":
        return "[", f"](<{span.value}>)"
    return _MARKS[span.kind]


def _overhead(span: Span) -> int:
    return sum(map(utf16_width, _marks(span)))


def _characters(marked: Marked) -> list[str]:
    """Each character as it is written, escaped where that is needed."""
    characters = list(marked.text)
    raw = bytearray(len(characters))
    for span in marked.spans:
        if span.kind in _RAW:
            raw[span.start : span.end] = b"\1" * (span.end - span.start)
        if span.kind == "quote":
            quoted = characters[span.start : span.end]
            characters[span.start : span.end] = ["\n> " if each == "\n" else each for each in quoted]
    for special in _SPECIAL.finditer(marked.text):
        if not raw[special.start()]:
            characters[special.start()] = "\\" + characters[special.start()]
    return characters


def _show(characters: Sequence[str], spans: Sequence[Span], start: int, end: int) -> str:
    opening: defaultdict[int, str] = defaultdict(str)
    closing: defaultdict[int, str] = defaultdict(str)
    for span in spans:
        before, after = _marks(span)
        opening[span.start] += before
        closing[span.end] = after + closing[span.end]
    places = sorted({start, end, *opening, *closing})
    pieces = [
        closing[place] + opening[place] + "".join(characters[place:following])
        for place, following in zip(places, [*places[1:], end], strict=True)
    ]
    return "".join(pieces)


def _special_at_edges(text: str, start: int, end: int) -> set[int]:
    """Where a character means more at the edge of a part, which is that of a line, than where it stood."""
    in_word = {place for place in (start, end - 1) if text[place] == "_"}
    in_line = start > 0 and text[start - 1] != "\n"
    opening = _OPENS_BLOCK.match(text, start, end) if in_line else None
    return in_word | ({opening.start("mark")} if opening else set())
