"""Sentences of a passage as spans of its text, so that a quote is the passage's own letters.

English and Chinese running text, wrapped lines, headings, lists under a lead-in, and table rows.
Libraries that were tried for this (pysbd, syntok, blingfire) either change the text, know no Chinese,
or split inside of prices and lists; the few rules that customer documents need are these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex

Kind = Literal["sentence", "heading", "question", "lead", "item", "row"]

_MARKER = regex.compile(
    r"[ \t]*(?:[-*+•·▪●◦–—][ \t]+|\(?\d{1,2}[.)、](?:[ \t]+|(?=\p{Han}))"
    r"|\(?[a-zA-Z][.)][ \t]+|[（(][一二三四五六七八九十\d]+[)）])"
)
_HASHES = regex.compile(r"[ \t]*#{1,6}[ \t]+")
_TABLE_RULE = regex.compile(r"[\s|:+=-]*")
_END = regex.compile(
    r"""(?: [.!?]+ | … ) ["'”’)\]»]* (?= \s+ [\p{Lu}\p{Lt}\p{Han}\d"'“‘(\[«¿¡$€£¥*_-] )  # then a new beginning
      | [。！？!?…]+ ["'”’」』）)\]》]* (?! [。！？!?…] ) (?<= [。！？…] .{0,4} | \p{Han} [!?]+ .{0,3} )  # Chinese
    """,
    regex.VERBOSE,
)
_ABBREVIATION = regex.compile(
    r"(?:^|[\s(\"'“‘])(?:e\.g|i\.e|cf|vs|approx|ca|incl|excl|max|min|mr|mrs|ms|dr|prof|st|no|nos|nr|fig|art|sec|tel|ext|dept|inc|ltd|co|corp"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|u\.s|u\.k|a\.m|p\.m|[A-Z](?:\.[A-Z])*)\.$",
    regex.IGNORECASE,
)
_ALWAYS_GOES_ON = regex.compile(r"(?:e\.g|i\.e|cf|vs|approx|ca|mr|mrs|ms|dr|prof|nos?|nr|fig)\.$", regex.IGNORECASE)
_CLOSED = regex.compile(r"[.!?。！？…:：;；][\"'”’」』）)\]*_]*$")
_QUESTION = regex.compile(r"[?？][\"'”’」』）)\]*_]*$")
_LEAD = regex.compile(r"[:：][*_]*$")
_USUAL_FIRST_WORDS = """
    the a an this that these those it they we you he she i if when where in on at for to our your please all no yes
    there here after before as by with from and but or orders returns
    """
_FIRST_WORDS = frozenset(_USUAL_FIRST_WORDS.split())
_HEADING_CHARACTERS = 90
_WRAPPED_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text[start:end]` of its passage; `lead` is the index of the lead-in or header row of an item or row."""

    start: int
    end: int
    kind: Kind
    lead: int | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    end: int
    kind: Kind


def split(text: str) -> tuple[Sentence, ...]:
    """The sentences of a passage in their order, without list markers and surrounding white space."""
    sentences: list[Sentence] = []
    lead: int | None = None
    for block in _blocks(text):
        pieces = list(_cut(text, block))
        for start, end in pieces:
            kind = _kind(text[start:end], block.kind, alone=len(pieces) == 1)
            if kind in ("item", "row"):
                sentences.append(Sentence(start, end, kind, lead))
                if kind == "row" and lead is None:
                    lead = len(sentences) - 1
                continue
            sentences.append(Sentence(start, end, kind))
            lead = len(sentences) - 1 if kind == "lead" else None
    return tuple(sentences)


def _kind(sentence: str, block: Kind, alone: bool) -> Kind:
    if block in ("item", "row"):
        return block
    if _QUESTION.search(sentence):
        return "question"
    if _LEAD.search(sentence):
        return "lead"
    return block if alone else "sentence"


def _blocks(text: str) -> Iterator[_Block]:
    """Lines, or several lines where a sentence is wrapped over them."""
    current: _Block | None = None
    for match in regex.finditer(r"[^\n]+|\n[ \t]*\n", text):
        line = match.group()
        if not line.strip() or (set(line) & set("|-") and _TABLE_RULE.fullmatch(line)):
            if current:
                yield current
            current = None
            continue
        if current and _continues(text[current.start : current.end], line):
            current = _Block(current.start, match.end(), current.kind)
            continue
        if current:
            yield current
        current = _line(match.start(), line)
    if current:
        yield current


def _line(offset: int, line: str) -> _Block:
    end = offset + len(line)
    if hashes := _HASHES.match(line):
        return _Block(offset + hashes.end(), end, "heading")
    if marker := _MARKER.match(line):
        return _Block(offset + marker.end(), end, "item")
    if line.count("|") > 1 or "\t" in line.strip():
        return _Block(offset, end, "row")
    plain = line.strip()
    is_heading = len(plain) <= _HEADING_CHARACTERS and not _CLOSED.search(plain)
    return _Block(offset, end, "heading" if is_heading else "sentence")


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the lines before it."""
    last = before.rsplit("\n", 1)[-1].strip()
    following = line.strip()
    if _CLOSED.search(last) or _MARKER.match(line) or _HASHES.match(line) or last.count("|") > 1:
        return False
    if following[0].islower() or last.endswith((",", "，", "、")):
        return True
    if regex.match(r"\p{Han}", following) and regex.search(r"\p{Han}$", last):
        return len(last) >= _WRAPPED_CHARACTERS // 3
    return len(last) >= _WRAPPED_CHARACTERS


def _cut(text: str, block: _Block) -> Iterator[tuple[int, int]]:
    start = block.start
    if block.kind != "row":
        for match in _END.finditer(text, block.start, block.end):
            if not _is_abbreviation(text, start, match.end()):
                yield from _trimmed(text, start, match.end())
                start = match.end()
    yield from _trimmed(text, start, block.end)


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    before = text[start:end]
    if not before.endswith(".") or not _ABBREVIATION.search(before):
        return False
    if _ALWAYS_GOES_ON.search(before):
        return True
    following = text[end:].lstrip()
    if regex.search(r"(?:^|[\s(])[A-Z]\.$", before):
        return True
    return not regex.match(r"[\p{Lu}\"“](?:\p{Ll}|\s)", following) or bool(
        regex.search(r"(?i)\b(?:st|co|u\.s|u\.k|[a-z]{3})\.$", before) and _name_follows(following)
    )


def _name_follows(following: str) -> bool:
    """`St. Mary`, `U.S. Department`: a capital after an abbreviation that is not a usual first word."""
    word = regex.match(r"\w+", following)
    return word is not None and word.group().lower() not in _FIRST_WORDS


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(character.isalnum() for character in text[start:end]):
        yield start, end
