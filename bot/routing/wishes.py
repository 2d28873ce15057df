"""What a customer wants to be done with what is known of them, said in plain words: shown, forgotten, or used.

Rules and no classifier: a wrong guess here forgets something, or puts off somebody who asks how to wash a jacket.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

import regex

from bot.messages import FactKind

FILE = Path(__file__).parent / "data" / "wishes.toml"
LONGEST = 200
RECOMMEND = "recommend"
"""The wish that is no command; its argument is what is looked for, in the customer's words."""
EVERYTHING, ALL = "everything", "all"
"""The arguments of /forget for all that is stored, and for all that was told."""

_FORGETTING = regex.compile(r"\b(?:forget|don't remember|verg[ie]ss|oubli|olvid)|忘")
_ALSO_DELETED: frozenset[FactKind] = frozenset({"name", "language", "email", "phone", "address"})
"""Who wants an order deleted may want it cancelled."""
_PUNCTUATION = regex.compile(r"[.!?！？。，,;；:…\s]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """A command and its argument, or RECOMMEND."""

    name: str
    argument: str = ""


@dataclass(frozen=True)
class _Table:
    kinds: dict[FactKind, regex.Pattern[str]]
    whole: dict[str, regex.Pattern[str]]
    recommend: regex.Pattern[str]
    advice: regex.Pattern[str]
    filler: regex.Pattern[str]
    politeness: regex.Pattern[str]


def read_wish(text: str) -> Wish | None:
    """The wish that a whole message says; None for any other message."""
    if len(text) > LONGEST:
        return None
    table = _table()
    words = _bare(text, table)
    for name, pattern in table.whole.items():
        if found := pattern.fullmatch(words):
            return _command(name, found, words)
    if table.recommend.search(text) and not table.advice.search(text):
        return Wish(RECOMMEND, _PUNCTUATION.sub(" ", table.filler.sub(" ", text)).strip())
    return None


def fact_kind(words: str) -> FactKind | None:
    """The kind of facts that somebody calls so, in any language."""
    bare = " ".join(words.lower().split())
    return next((kind for kind, pattern in _table().kinds.items() if pattern.fullmatch(bare)), None)


def _command(name: str, found: regex.Match[str], words: str) -> Wish | None:
    if name == "forget":
        is_clear = fact_kind(found["what"]) in _ALSO_DELETED or _FORGETTING.search(words)
        return Wish("forget", found["what"]) if is_clear else None
    simple = {
        "forget_all": Wish("forget", ALL),
        "erase": Wish("forget", EVERYTHING),
        "me": Wish("me"),
        "recommendations_off": Wish("recommendations", "off"),
        "recommendations_on": Wish("recommendations", "on"),
    }
    return simple[name]


def _bare(text: str, table: _Table) -> str:
    """Without punctuation and words of politeness at either end."""
    words, before = _PUNCTUATION.sub(" ", text.lower().replace("’", "'")).strip(), ""
    while words != before:
        before = words
        words = table.politeness.sub("", words).strip()
    return words


@functools.cache
def _table() -> _Table:
    table = tomllib.loads(FILE.read_text("utf-8"))
    kind = "|".join(table["kinds"].values())

    def any_of(name: str, before: str = "", after: str = "") -> regex.Pattern[str]:
        patterns = "|".join(f"(?:{pattern})" for pattern in table[name].values()).replace("<kind>", kind)
        return regex.compile(f"{before}(?:{patterns}){after}", regex.IGNORECASE)

    polite = "|".join(table["politeness"].values())
    whole = ("forget", "forget_all", "erase", "me", "recommendations_off", "recommendations_on")
    return _Table(
        kinds={name: regex.compile(pattern) for name, pattern in table["kinds"].items()},
        whole={name: any_of(name) for name in whole},
        recommend=any_of("recommend"),
        advice=any_of("advice"),
        filler=any_of("filler"),
        politeness=regex.compile(rf"^(?:{polite})(?![\p{{Latin}}])|(?<![\p{{Latin}}])(?:{polite})$"),
    )
