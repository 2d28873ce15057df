"""What a reply in small talk may say: nothing that could be wrong, and nothing that leads nowhere.

A language model makes the reply, so code decides whether it is shown: no number, price, date, link, address,
placeholder or unknown name, no claim about an order, no promise in the operator's name, and no refusal, for that is
a decline, which offers a person. It rather refuses a harmless sentence than lets a fact through; the built-in phrases
take its place.
"""

from __future__ import annotations

import functools
import tomllib
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import regex

RULES = Path(__file__).parent / "data" / "small_talk.toml"

_LONGEST = 500
_DIGIT_OR_MONEY = regex.compile(r"[\p{N}\p{Sc}%‰№#]")
_LINK = regex.compile(r"://|www\.|\S@\S|\b[\w-]{2,}\.(?:[a-z]{2,6})\b", regex.IGNORECASE)
_PLACEHOLDER = regex.compile(r"[\[\]{}<>_|*\\/=~^`]")
_END = r".!?。！？…\n\p{Extended_Pictographic}"
_SENTENCE = regex.compile(rf"[^{_END}]+[{_END}]*")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]*(?:['’-]\p{L}+)*")
_HAN = regex.compile(r"\p{Han}")
_FOREIGN = regex.compile(r"[^\p{Latin}\P{L}]")


@dataclass(frozen=True)
class _Rules:
    """The patterns of one language, see small_talk.toml."""

    forbidden: regex.Pattern[str]
    topics: regex.Pattern[str]
    questions: regex.Pattern[str]
    openers: regex.Pattern[str]
    names: regex.Pattern[str]


def is_factless(reply: str, language: str, allowed_names: Collection[str] = ()) -> bool:
    """Whether every sentence of `reply` is free of facts, promises and names other than `allowed_names`.

    False for a language without rules, for blank text and for a reply that is too long for small talk.
    """
    rules = _rules().get(language)
    text = unicodedata.normalize("NFKC", reply).strip()
    if rules is None or not text or len(text) > _LONGEST:
        return False
    # Normalised, a Roman numeral is a letter: numbers are looked for in both forms.
    if any(_DIGIT_OR_MONEY.search(form) for form in (reply, text)) or _unprintable(text):
        return False
    if _LINK.search(text) or _PLACEHOLDER.search(text):
        return False
    allowed = frozenset(word.casefold() for name in allowed_names for word in _WORD.findall(name))
    sentences = (sentence.strip() for sentence in _SENTENCE.findall(text))
    return all(_sentence_is_factless(sentence, language, rules, allowed) for sentence in sentences)


def _sentence_is_factless(sentence: str, language: str, rules: _Rules, allowed: frozenset[str]) -> bool:
    if rules.forbidden.search(sentence):
        return False
    if rules.topics.search(sentence) and not _offers_help(sentence, rules):
        return False
    unknown = _unknown_names_chinese if language == "zh" else _unknown_names
    return not unknown(sentence, rules, allowed)


def _offers_help(sentence: str, rules: _Rules) -> bool:
    return sentence.endswith(("?", "？")) and rules.questions.match(sentence) is not None


def _unknown_names(sentence: str, rules: _Rules, allowed: frozenset[str]) -> bool:
    """Capitalised words that are not known to be none: inside of the sentence, or at its start."""
    if _FOREIGN.search(sentence):
        return True
    for place, word in enumerate(_WORD.findall(sentence)):
        if word[0].islower() or word.casefold() in allowed:
            continue
        known = rules.openers if place == 0 else rules.names
        if not known.fullmatch(word):
            return True
    return False


def _unknown_names_chinese(sentence: str, rules: _Rules, allowed: frozenset[str]) -> bool:
    """Words in other letters; names in Chinese characters are left to the rules."""
    words = (word for run in _WORD.findall(sentence) for word in _HAN.sub(" ", run).split())
    return any(word.casefold() not in allowed and not rules.names.fullmatch(word) for word in words)


def _unprintable(text: str) -> bool:
    """Control characters and the like; line breaks and the joiners inside of emoji may stay."""
    return any(unicodedata.category(character)[0] == "C" and character not in "\n\u200d" for character in text)


@functools.cache
def _rules() -> dict[str, _Rules]:
    tables = tomllib.loads(RULES.read_text("utf-8"))
    return {language: _compile(table, language) for language, table in tables.items()}


def _compile(table: dict[str, list[str]], language: str) -> _Rules:
    edge = "" if language == "zh" else r"\b"

    def pattern(alternatives: Iterable[str], before: str = edge, after: str = edge) -> regex.Pattern[str]:
        return regex.compile(f"{before}(?:{'|'.join(alternatives) or '(?!)'}){after}", regex.IGNORECASE)

    return _Rules(
        forbidden=pattern([*table["numbers"], *table["claims"], *table["brands"], *table["refusals"]]),
        topics=pattern(table["topics"]),
        questions=pattern(table["questions"], before=r"\W*"),
        openers=pattern(table["openers"], "", ""),
        names=pattern(table["names"], "", ""),
    )
