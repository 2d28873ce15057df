"""Runs of digits with the separators that people write between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import regex

SEPARATOR = r"(?: - |[ \-./]| ?\(| ?\)[ \-/]?)?"
RUN = regex.compile(
    r"(?<![\p{Latin}0-9_@#+]|[\p{Latin}0-9][\-/:]|[0-9]\.)"
    rf"(?:\+ ?|\(\+)?\(?[0-9](?:{SEPARATOR}[0-9]){{6,48}}"
    r"(?![\p{Latin}0-9_@]|[\-./:][\p{Latin}0-9])"
)
OTHER = regex.compile(
    r"(?<![0-9.\-/])(?:(?:19|20)[0-9]{2}([\-./])[01]?[0-9]\1[0-3]?[0-9]|[0-3]?[0-9]([\-./])[0-3]?[0-9]\2(?:19|20)?[0-9]{2})(?![0-9]|[.\-/][0-9])"
    r"|(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])"
    r"|(?<![0-9.,])[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]{2}(?![0-9])"
)
"""Dates, internet addresses and prices."""
DIGITS = regex.compile(r"[0-9]+")
MOST_GROUPS = 8
"""No number is written in more."""


@dataclass(frozen=True, slots=True)
class Number:
    """Consecutive groups of digits of a run, and where they stand."""

    words: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(DIGITS.findall(self.words))

    @property
    def digits(self) -> str:
        return "".join(self.groups)


def runs(text: str) -> Iterator[Number]:
    """The runs of a plain text in which a card's or a phone's number may be."""
    for match in RUN.finditer(OTHER.sub(lambda other: "," * len(other[0]), text)):
        yield Number(match[0], match.start())


def parts(run: Number, shortest: int, longest: int) -> Iterator[Number]:
    """Consecutive groups with so many digits together, the longest first: two numbers may stand side by side."""
    places = [match.span() for match in DIGITS.finditer(run.words)]
    spans = [
        (places[first][0], places[last][1])
        for first in range(len(places))
        for last in range(first, min(first + MOST_GROUPS, len(places)))
        if shortest <= sum(end - start for start, end in places[first : last + 1]) <= longest
        and _is_apart(run.words, places[first][0], places[last][1])
    ]
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        opening = _opening(run.words, start)
        yield Number(run.words[opening:end], run.start + opening)


def _is_apart(words: str, start: int, end: int) -> bool:
    """Whether only a space, a bracket or nothing stands beside it: `717-4684697-4702759` is one number, not two."""
    return words[start - 1 : start] in ("", " ", "(", "+") and words[end : end + 1] in ("", " ", ")")


def _opening(words: str, start: int) -> int:
    """A number begins with its plus sign, or with a bracket that it closes itself."""
    before = words[:start]
    if before.endswith("(") and ")" in words[start : start + 6]:
        start -= 1
    if words[:start].strip() in ("+", "(+"):
        start = words.index("+")
    return start


def chosen(candidates: Iterable[Number], holds: Callable[[Number], bool]) -> Iterator[tuple[int, int]]:
    """Where those stand that hold and do not overlap; the earlier candidate wins."""
    taken: list[tuple[int, int]] = []
    for number in candidates:
        if not any(number.start < end and start < number.end for start, end in taken) and holds(number):
            taken.append((number.start, number.end))
    return iter(taken)
