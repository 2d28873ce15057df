"""The rules of a language, read from its file beside this one, and what keeps a match from being believed.

A file has words (lists that patterns refer to as `<name>`), parts of patterns, guards, conditions on values, and the
rules themselves. A new language is one more file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import regex

from bot.memory.facts.contact import FORMS
from bot.messages import FactKind

_REFERENCE = regex.compile(r"(?<!\(\?P)<(\w+)>")
_BOUNDARY = regex.compile(r"[,，;；:：()（）—\n]")


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern whose group `v` is the value of a fact, if that has what it `needs` and nothing that it `refuses`.

    `in_questions`: a question takes the fact for granted ("can you repair my tent?"). `whole`: the pattern looks at
    the whole message, over the ends of sentences.
    """

    kind: FactKind
    pattern: regex.Pattern[str]
    needs: regex.Pattern[str] | None
    refuses: regex.Pattern[str] | None
    in_questions: bool
    whole: bool

    def accepts(self, value: str) -> bool:
        """Whether the value can be what it is taken for."""
        if self.needs and not self.needs.search(value):
            return False
        return not (self.refuses and self.refuses.search(value))


@dataclass(frozen=True, slots=True)
class Language:
    """The rules of one language, and its words that take a clause back.

    Before the fact: `unreal` (hypotheses, beliefs, reports) and `asking` (what begins a question); `others`, before
    or in it, say whom it is about instead; `denial` comes behind it. `codes` are those of languages by their names.
    """

    rules: tuple[Rule, ...]
    unreal: regex.Pattern[str]
    asking: regex.Pattern[str]
    others: regex.Pattern[str]
    denial: regex.Pattern[str]
    codes: Mapping[str, str]

    def states(self, rule: Rule, sentence: str, found: regex.Match[str], *, is_question: bool) -> bool:
        """Whether the clause of a match states it, of the writer."""
        before = _BOUNDARY.split(sentence[: found.start()])[-1]
        after, *more = _BOUNDARY.split(sentence[found.end() :], maxsplit=1)
        stated = before + found[0] if rule.kind == "problem" else before
        if self.unreal.search(stated) or self.others.search(before + found[0]) or self.denial.search(after):
            return False
        if rule.in_questions:
            return True
        if self.asking.search(before) or self.asking.search(found[0]):
            return False
        return bool(more) or not is_question


def read_language(code: str) -> Language:
    """The language of the file `CODE.toml`."""
    table = tomllib.loads(resources.files(__package__).joinpath(f"{code}.toml").read_text("utf-8"))
    names = {name: language for language, listed in table["languages"].items() for name in listed.split()}
    parts = {"lang": _alternatives(names)}
    parts |= {name: _alternatives(listed.split()) for name, listed in table["words"].items()}
    parts |= FORMS | table["parts"]

    def compiled(pattern: str) -> regex.Pattern[str]:
        while _REFERENCE.search(pattern):
            pattern = _REFERENCE.sub(lambda reference: parts[reference[1]], pattern)
        return regex.compile(pattern)

    guards = {name: compiled(pattern) for name, pattern in table["guards"].items()}
    conditions = {
        name: {key: compiled(pattern) for key, pattern in condition.items()}
        for name, condition in table["values"].items()
    }
    rules = tuple(_rule(row, compiled(row["pattern"]), conditions) for row in table["rules"])
    return Language(rules, codes={name.casefold(): language for name, language in names.items()}, **guards)


def _rule(row: Mapping[str, Any], pattern: regex.Pattern[str], conditions: Mapping[str, Mapping[str, Any]]) -> Rule:
    condition = conditions.get(row.get("value", row["kind"]), {})
    return Rule(
        kind=row["kind"],
        pattern=pattern,
        needs=condition.get("needs"),
        refuses=condition.get("refuses"),
        in_questions=row.get("in_questions", False),
        whole=row.get("whole", False),
    )


def _alternatives(words: Any) -> str:
    """Any of the words, the longest first; in a word `_` is a space."""
    return "(?i:" + "|".join(sorted((word.replace("_", " ") for word in words), key=len, reverse=True)) + ")"
