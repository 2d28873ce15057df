"""Bank accounts: ISO 13616, with the check digits and the form of the country."""

from __future__ import annotations

from collections.abc import Iterator

import regex
from stdnum import iban

BEGINNING = regex.compile(r"(?<![\p{Latin}0-9])[A-Z]{2}[0-9]{2}(?=[ \-]?[A-Z0-9])", regex.IGNORECASE)
REST = regex.compile(r"(?:[ \-]?[A-Za-z0-9]){11,30}")
SHORTEST = 15


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand in a plain text."""
    for match in BEGINNING.finditer(text):
        rest = REST.match(text, match.end())
        if rest is None:
            continue
        for end in _ends(text, match.start() + SHORTEST, rest.end()):
            if iban.is_valid(text[match.start() : end].upper(), check_country=False):
                yield match.start(), end
                break


def _ends(text: str, first: int, last: int) -> Iterator[int]:
    """Places behind a whole word, the last one first."""
    for end in range(last, first - 1, -1):
        if (text[end - 1] not in " -" and not text[end : end + 1].isascii()) or not text[end : end + 1].isalnum():
            yield end
