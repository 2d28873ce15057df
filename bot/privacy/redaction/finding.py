"""All personal values of a text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from bot.privacy.redaction.cards import cards
from bot.privacy.redaction.emails import emails
from bot.privacy.redaction.ibans import ibans
from bot.privacy.redaction.national_ids import national_ids
from bot.privacy.redaction.phones import phones
from bot.privacy.redaction.plain import plain

if TYPE_CHECKING:
    from bot.settings import RedactionKind

FINDERS: dict[RedactionKind, Callable[[str], Iterator[tuple[int, int]]]] = {
    "email": emails,
    "iban": ibans,
    "card": cards,
    "national_id": national_ids,
    "phone": phones,
}
"""In the order in which they count where two would overlap."""
KINDS = frozenset(FINDERS)
SIGN = regex.compile(r"@|\bat\s?[)\]}]|(?:\d[\s.\-/()]{0,3}){5}", regex.IGNORECASE)
"""What a text without is free of personal values; most log lines are."""
WORDS = regex.compile(r"[A-Za-z]{2}[ ]?\d{2}")


@dataclass(frozen=True, slots=True)
class Found:
    """A personal value, and where it stands."""

    kind: RedactionKind
    start: int
    end: int


def find(text: str, kinds: Collection[RedactionKind] = KINDS) -> list[Found]:
    """The personal values of a text in their order."""
    read = plain(text)
    if not SIGN.search(read) and not WORDS.search(read):
        return []
    found: list[Found] = []
    for kind, finder in FINDERS.items():
        for start, end in finder(read):
            if not any(start < other.end and other.start < end for other in found):
                found.append(Found(kind, start, end))
    return sorted((each for each in found if each.kind in kinds), key=lambda each: each.start)
