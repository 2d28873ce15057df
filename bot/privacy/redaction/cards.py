"""Payment cards: the check digit of Luhn (ISO/IEC 7812-1) under the issuers' prefixes and lengths."""

from __future__ import annotations

from collections.abc import Iterator

from stdnum import luhn

from bot.privacy.redaction.labels import label
from bot.privacy.redaction.numbers import Number, chosen, parts, runs

SHORTEST, LONGEST = 13, 19
ISSUERS: tuple[tuple[range, int, frozenset[int]], ...] = (
    (range(4, 5), 1, frozenset({13, 16, 19})),  # Visa
    (range(51, 56), 2, frozenset({16})),  # Mastercard
    (range(2221, 2721), 4, frozenset({16})),
    (range(34, 35), 2, frozenset({15})),  # American Express
    (range(37, 38), 2, frozenset({15})),
    (range(300, 306), 3, frozenset({14})),  # Diners Club
    (range(36, 37), 2, frozenset({14})),
    (range(38, 40), 2, frozenset({14})),
    (range(6011, 6012), 4, frozenset({16, 19})),  # Discover
    (range(644, 660), 3, frozenset({16, 19})),
    (range(3528, 3590), 4, frozenset({16})),  # JCB
    (range(62, 63), 2, frozenset({16, 17, 18, 19})),  # UnionPay
    (range(2200, 2205), 4, frozenset({16})),  # Mir
    (range(60, 61), 2, frozenset({16})),  # RuPay
    (range(81, 83), 2, frozenset({16})),
    (range(5000, 5100), 4, frozenset({13, 16, 19})),  # Maestro, Elo
    (range(5600, 5900), 4, frozenset({13, 16, 19})),
    (range(6300, 6400), 4, frozenset({16, 19})),
    (range(6700, 6800), 4, frozenset({16, 18, 19})),
)
"""Numbers that a card begins with, how many digits of it they are, and how long such a card's number may be."""


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand in a plain text."""
    for run in runs(text):
        if not run.words.startswith(("+", "(+")):
            yield from chosen(
                parts(run, SHORTEST, LONGEST),
                lambda number: _is_card(number.digits) and not _is_other(number, text),
            )


def _is_card(digits: str) -> bool:
    issued = any(len(digits) in lengths and int(digits[:length]) in prefixes for prefixes, length, lengths in ISSUERS)
    return issued and luhn.is_valid(digits)


def _is_other(number: Number, text: str) -> bool:
    """A number in one piece that is called an order or a parcel: every tenth of them has the right check digit."""
    return len(number.groups) == 1 and label(text, number.start, number.end) == "order"
