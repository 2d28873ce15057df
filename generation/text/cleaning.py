"""Makes dialogues fit to learn from, and says what was changed and dropped.

Personal details are replaced (personal.py). Placeholders such as `{{Order Number}}` become words or invented numbers,
other shops' names become the slot `{shop}` that a persona fills. What cannot be mended is dropped with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

import regex

from generation.text.dialogues import Dialogue, Turn
from generation.text.languages import UNKNOWN, language_of
from generation.text.personal import Find, Invented, by_form, hide, shop_details
from generation.text.report import Report

SHOP = "{shop}"
LONGEST_TURN = 2000  # characters
OTHER_SHOPS = regex.compile(r"\b(?:Amazon\.(?:in|com)|Amazon India|Amazon|Flipkart|Myntra|Snapdeal)\b")
PLACEHOLDER = regex.compile(
    r"\{\{\s*([^{}]*?)\s*\}\}|\[([A-Z][A-Za-z' /]{2,40}|name|date|time|amount|username|number|link)\]"
)
REDACTED = regex.compile(r"\[(card|email|iban|national_id|phone)\]")
"""What a store that keeps no personal values has in their place."""
BLANKS = {
    "card": "XXXX XXXX XXXX XXXX",
    "iban": "DEXX XXXX XXXX XXXX XX",
    "national_id": "XXXXXXXXX",
    "phone": "0XXX XXXXXXX",
}
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


def clean(
    dialogues: Iterable[Dialogue], report: Report, languages: Collection[str] = (), find: Find = by_form
) -> list[Dialogue]:
    """The dialogues that can be learnt from, rewritten where needed; the report counts what happened.

    With `languages` (ISO 639-1) those in another are dropped; where it cannot be told, they stay. `find` tells
    people's numbers and addresses.
    """
    read = list(dialogues)
    own = shop_details(read, find)
    seen: set[str] = set()
    kept: list[Dialogue] = []
    for dialogue in read:
        report.read[dialogue.source] += 1
        mended = _mend(dialogue, own, report, find)
        reason = _fault(mended, seen, languages)
        if reason:
            report.drop(dialogue, reason)
            continue
        seen.add(_key(mended))
        report.keep(mended)
        kept.append(mended)
    return kept


def _fault(dialogue: Dialogue, seen: Collection[str], languages: Collection[str]) -> str | None:
    """Why a dialogue cannot be learnt from."""
    texts = [turn.text for turn in dialogue.turns]
    if languages and dialogue.language not in (*languages, UNKNOWN):
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


def _mend(dialogue: Dialogue, own: Collection[str], report: Report, find: Find) -> Dialogue:
    invented = Invented(dialogue.id)
    turns: list[Turn] = []
    for turn in dialogue.turns:
        text = hide(turn.text, dialogue, invented, own, report.rewritten, find)
        text = rewrite(text, invented, report.rewritten)
        passages = tuple(hide(passage, dialogue, invented, own, Counter(), find) for passage in turn.passages)
        if turns and turns[-1].role == turn.role:
            turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {text}", passages=turns[-1].passages + passages)
        elif text:
            turns.append(replace(turn, text=text, passages=passages))
    mended = replace(dialogue, turns=tuple(turns), customers=(), agents=())
    return replace(mended, language=language_of(mended))


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

    def restore(match: regex.Match[str]) -> str:
        rules["redacted value"] += 1
        return invented.email(match[0]) if match[1] == "email" else invented.number(BLANKS[match[1]])

    if "{{" in text or "[" in text:
        text = REDACTED.sub(restore, text)
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
