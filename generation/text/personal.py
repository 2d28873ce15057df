"""Personal details in conversations: found by form, replaced by invented ones of the same form.

What the shop itself gives to everybody, such as its address for returns, is not personal and stays. Names are
replaced where the data says who wrote; those of people who are only spoken of, and postal addresses, cannot be
told from other words by form and are left.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import regex

from generation.text.dialogues import Dialogue

BOT = "{bot}"
OWN_AFTER = 3  # conversations in which the shop gives a detail, from which on it is the shop's own
FIRST_NAMES = ("Alex", "Chris", "Dana", "Eli", "Jamie", "Kim", "Lou", "Noa", "Robin", "Sam", "Toni", "Yuki")

EMAIL = regex.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IBAN = regex.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
CARD = regex.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
PHONE = regex.compile(
    r"(?<![A-Za-z0-9_+./-])(?:\+\d{1,3}[ \d().-]{6,}\d|00\d{2}[ \d()./-]{6,}\d|0\d{1,4}[ /-][ \d/-]{4,}\d"
    r"|\(\d{3}\) ?\d{3}[ -]\d{4}|\d{3}-\d{3}-\d{4}|1[3-9]\d{9})(?![A-Za-z0-9_-])"
)
ADDRESS = regex.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
HANDLE = regex.compile(r"(?<![\w@./])@[A-Za-z]\w{3,}")
VALUES = {"e-mail address": EMAIL, "bank account": IBAN, "card number": CARD, "phone number": PHONE}
WHEREABOUTS = {"internet address": ADDRESS, "user name": HANDLE}


@dataclass(frozen=True, slots=True)
class Detail:
    """A personal detail in a text: its kind, its words and where they stand."""

    kind: str
    words: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)


Find = Callable[[str], Iterable[Detail]]
"""Finds people's numbers and addresses in a text; none overlaps another."""


def by_form(text: str) -> list[Detail]:
    """E-mail addresses, accounts, cards and phones by their form alone; where two overlap, the first kind counts."""
    return _beside([], VALUES, text)


def details(text: str, find: Find = by_form) -> list[Detail]:
    """The personal details of a text in their order: what `find` tells, internet addresses and user names."""
    found = _beside(list(find(text)), WHEREABOUTS, text)
    return sorted(found, key=lambda detail: detail.start)


def _beside(found: list[Detail], patterns: Mapping[str, regex.Pattern[str]], text: str) -> list[Detail]:
    for kind, pattern in patterns.items():
        for match in pattern.finditer(text):
            detail = Detail(kind, match[0], match.start())
            if _is(kind, match[0]) and not any(
                detail.start < other.end and other.start < detail.end for other in found
            ):
                found.append(detail)
    return found


def shop_details(dialogues: Iterable[Dialogue], find: Find = by_form) -> frozenset[str]:
    """Details that are the shop's own: in what it has published, or told in several conversations."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    own: set[str] = set()
    for dialogue in dialogues:
        for turn in dialogue.turns:
            if turn.role == "assistant":
                found = [detail.words for detail in details(turn.text, find)]
                own.update(found if dialogue.published else ())
                for words in found:
                    told[words].add(dialogue.id)
    return frozenset(own | {words for words, where in told.items() if len(where) >= OWN_AFTER})


class Invented:
    """Invented details of one dialogue: what was alike stays alike, so that the conversation keeps its sense."""

    def __init__(self, dialogue_id: str) -> None:
        self._random = random.Random(dialogue_id)
        self._known: dict[str, str] = {}

    def number(self, blank: str) -> str:
        """Digits in place of X, Y and x."""
        return self._once(blank, lambda: "".join(self._digit() if sign in "XYx" else sign for sign in blank))

    def like(self, number: str) -> str:
        """Other digits in place of the digits."""
        return self._once(number, lambda: "".join(self._digit() if sign.isdigit() else sign for sign in number))

    def email(self, address: str) -> str:
        return f"{self.first_name(address).lower()}@example.com"

    def first_name(self, name: str) -> str:
        return self._once(name, lambda: self._random.choice(FIRST_NAMES))

    def _once(self, known: str, make: Callable[[], str]) -> str:
        if known not in self._known:
            self._known[known] = make()
        return self._known[known]

    def _digit(self) -> str:
        return str(self._random.randrange(10))


def hide(
    text: str,
    dialogue: Dialogue,
    invented: Invented,
    own: Collection[str],
    rules: Counter[str],
    find: Find = by_form,
) -> str:
    """The text with its personal details replaced, all but those in `own`; `rules` counts them by kind."""
    for detail in reversed(details(text, find)):
        if detail.words not in own:
            rules[detail.kind] += 1
            text = text[: detail.start] + _stand_in(detail, invented) + text[detail.end :]
    return _without_names(text, dialogue, invented, rules)


def _stand_in(detail: Detail, invented: Invented) -> str:
    if detail.kind == "e-mail address":
        return invented.email(detail.words)
    if detail.kind == "user name":
        return f"@{invented.first_name(detail.words).lower()}"
    return invented.like(detail.words)


def _without_names(text: str, dialogue: Dialogue, invented: Invented, rules: Counter[str]) -> str:
    for names, stand_in in ((dialogue.customers, None), (dialogue.agents, BOT)):
        for name in names:
            text, found = _name(name).subn(stand_in or invented.first_name(name), text)
            rules["name"] += found
    return text


def _name(name: str) -> regex.Pattern[str]:
    """The whole name, or its first part where it has several; letters of both sizes count, as people type."""
    first = name.split()[0] if len(name.split()[0]) > 2 else name
    return regex.compile(rf"(?<!\w)(?:{regex.escape(name)}|{regex.escape(first)})(?!\w)", regex.IGNORECASE)


def _is(kind: str, detail: str) -> bool:
    """Whether the check digits of a number are right, where it has some."""
    if kind == "card number":
        return _luhn([int(sign) for sign in detail if sign.isdigit()])
    if kind == "bank account":
        plain = detail.replace(" ", "")
        return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1
    if kind == "internet address":
        return all(int(part) < 256 for part in detail.split("."))
    return True


def _luhn(digits: list[int]) -> bool:
    doubled = [digit if place % 2 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits), 1)]
    return sum(doubled) % 10 == 0
