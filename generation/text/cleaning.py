"""Makes dialogues fit to learn from, and says what was changed and dropped.

Placeholders such as `{{Order Number}}` become words or invented numbers, other shops' names become the
slot `{shop}` that a persona fills. What cannot be mended is dropped with its reason.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import regex

from generation.text.dialogues import Dialogue, Turn

SHOP, BOT = "{shop}", "{bot}"
LANGUAGES = frozenset({"en", "zh"})
LONGEST_TURN = 2000  # characters
OTHER_SHOPS = regex.compile(r"\b(?:Amazon\.(?:in|com)|Amazon India|Amazon|Flipkart|Myntra|Snapdeal)\b")
PLACEHOLDER = regex.compile(
    r"\{\{\s*([^{}]*?)\s*\}\}|\[([A-Z][A-Za-z' /]{2,40}|name|date|time|amount|username|number|link)\]"
)
BLANKED = regex.compile(r"\b(?=\w*(?:[XY]{3,}|x{4,}))[\dXYx]+\b")
MARKUP = regex.compile(r"\*\*|__|<br\s*/?>")

HOURS = regex.compile(
    r"(?:\b(?:during|from|between|at|on|within|are|is)\s+)?(?:the\s+|our\s+)?(?:hours\s+(?:of\s+)?)?"
    r"[{\[]+[^{}\[\]]*(?:hours|availability)[^{}\[\]]*[}\]]+(?:\s+(?:to|and|-)\s+[{\[]+[^{}\[\]]*(?:hours|availability)[^{}\[\]]*[}\]]+)?",
    regex.IGNORECASE,
)
SITE_AT = regex.compile(
    r"((?:web)?site|page|portal|platform),?\s*(?:at|:|\()?\s*[{\[]+[^{}\[\]]*(?:url|website|link)[^{}\[\]]*[}\]]+\)?",
    regex.IGNORECASE,
)
OUR = regex.compile(r"\b(our|your|the|my|a|an|this)\s+our\b", regex.IGNORECASE)

WORDS = (  # first match on the placeholder's own words wins
    ("company|brand|store|shop", SHOP),
    ("phone|call|toll|hotline", "our support line"),
    ("email|e-mail|mail", "email"),
    ("chat", "live chat"),
    ("website|url|app|link|portal|platform", "our website"),
    ("days|time frame|timeframe|duration|period", "a few days"),
    ("date", "the agreed date"),
    ("hours|availability", "opening hours"),
)
NUMBER = regex.compile(r"number|anonymized|\bid\b|code|^\d+$", regex.IGNORECASE)


@dataclass
class Report:
    """What cleaning did: dialogues read and kept by source and language, reasons of drops, rules applied."""

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    rewritten: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        """The report in plain sentences."""
        yield f"Kept {self.kept.total():,} of {self.read.total():,} dialogues."
        for source, count in sorted(self.read.items()):
            yield f"  {source}: {self.kept[source]:,} of {count:,}"
        for title, counts in (("Dropped", self.dropped), ("Rewritten", self.rewritten), ("Languages", self.languages)):
            if counts:
                yield f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


def clean(dialogues: Iterable[Dialogue], report: Report) -> list[Dialogue]:
    """The dialogues that can be learnt from, rewritten where needed; the report counts what happened."""
    seen: set[str] = set()
    kept: list[Dialogue] = []
    for dialogue in dialogues:
        report.read[dialogue.source] += 1
        mended = _mend(dialogue, report)
        reason = _fault(mended, seen)
        if reason:
            report.dropped[reason] += 1
            continue
        seen.add(_key(mended))
        report.kept[dialogue.source] += 1
        report.languages[dialogue.language] += 1
        kept.append(mended)
    return kept


def _fault(dialogue: Dialogue, seen: set[str]) -> str | None:
    """Why a dialogue cannot be learnt from."""
    texts = [turn.text for turn in dialogue.turns]
    if dialogue.language not in LANGUAGES:
        return "language"
    if len(texts) < 2 or not any(turn.role == "assistant" for turn in dialogue.turns):
        return "no reply"
    if max(map(len, texts)) > LONGEST_TURN:
        return "too long"
    if any(PLACEHOLDER.search(text) for text in texts):
        return "placeholder"
    return "duplicate" if _key(dialogue) in seen else None


def _key(dialogue: Dialogue) -> str:
    return "\n".join(regex.sub(r"\W+", "", turn.text.lower()) for turn in dialogue.turns)


def _mend(dialogue: Dialogue, report: Report) -> Dialogue:
    invented = Invented(dialogue.id)
    turns: list[Turn] = []
    for turn in dialogue.turns:
        text = rewrite(turn.text, invented, report.rewritten)
        if turns and turns[-1].role == turn.role:
            turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {text}", passages=turns[-1].passages + turn.passages)
        elif text:
            turns.append(replace(turn, text=text))
    return replace(dialogue, turns=tuple(turns))


class Invented:
    """Invented numbers of one dialogue: what was blanked out alike gets the same digits."""

    def __init__(self, dialogue_id: str) -> None:
        self._random = random.Random(dialogue_id)
        self._known: dict[str, str] = {}

    def number(self, blank: str) -> str:
        if blank not in self._known:
            self._known[blank] = "".join(str(self._random.randrange(10)) if sign in "XYx" else sign for sign in blank)
        return self._known[blank]


def rewrite(text: str, invented: Invented, rules: Counter[str]) -> str:
    """The text without placeholders, blanked numbers, markup and other shops' names, as far as rules reach."""

    def fill(match: regex.Match[str]) -> str:
        name = match[1] or match[2] or ""
        if match[2] and not regex.search("phone|chat|hours|website|email", name, regex.IGNORECASE):
            return str(match[0])
        rules["placeholder"] += 1
        return _words(name, invented)

    def blank(match: regex.Match[str]) -> str:
        rules["blanked number"] += 1
        return invented.number(match[0])

    if "{{" in text or "[" in text:
        text = HOURS.sub("during opening hours", text)
        text = SITE_AT.sub(r"\1", text)
        text = PLACEHOLDER.sub(fill, text)
        text = OUR.sub(r"\1", text)
    text = BLANKED.sub(blank, text)
    text, found = OTHER_SHOPS.subn(SHOP, text)
    rules["other shop's name"] += found
    text = MARKUP.sub("", text)
    text = regex.sub(r"[\p{Cc}--\n]+", " ", text, flags=regex.VERSION1)
    text = regex.sub(r"[ \u00a0]+", " ", text)
    return regex.sub(r" ?\n\s*", "\n", text).strip()


def _words(name: str, invented: Invented) -> str:
    for pattern, words in WORDS:
        if regex.search(pattern, name, regex.IGNORECASE) and not regex.search("number", name, regex.IGNORECASE):
            return words
    if regex.search("phone|call|support", name, regex.IGNORECASE):
        return "our support line"
    if NUMBER.search(name):
        return name if name.isdigit() else invented.number("XXXXXXX")
    return regex.sub(r"\s*anonymized$", "", name, flags=regex.IGNORECASE)
