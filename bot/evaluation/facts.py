"""How well facts of customers are found: precision and recall on labelled messages.

Rows are `{"id", "lang", "text", "facts": [{"kind", "value"}], "half"?, "about"?}`. The rules were written on the half
`written` of the built-in set, so that the half `measured` tells what they are worth.

A name, language, mail address, telephone or order number is right when it is the labelled one; of what is told in
free words (a product, an address, a preference, a problem) enough of the words must be the same.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex

from bot.evaluation import json_lines
from bot.knowledge.analysis import fold
from bot.memory.facts.extraction import FactReader
from bot.messages import NewFact

LABELLED = Path(__file__).with_name("facts.jsonl")
HALVES = ("written", "measured")
PLAIN = "plain"
"""What messages are `about` that tell facts straight out; the others try to mislead, or tell nothing."""
ENOUGH = 0.6
"""F1 of the words from which a value in free words is right."""

_FREE = frozenset({"address", "product", "preference", "problem"})
_TOKEN = regex.compile(r"\p{Han}|[\p{L}\p{N}]+")
_SEPARATORS = regex.compile(r"[\s().\-/#]")


@dataclass
class Counts:
    """Facts that are right, wrong and missing."""

    right: int = 0
    wrong: int = 0
    missing: int = 0

    def add(self, labelled: Sequence[Mapping[str, Any]], found: Sequence[NewFact]) -> None:
        """Each labelled fact can be found once."""
        left = list(labelled)
        for fact in found:
            match = next((each for each in left if _same(each["kind"], each["value"], fact)), None)
            if match is None:
                self.wrong += 1
            else:
                left.remove(match)
                self.right += 1
        self.missing += len(left)

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missing, 1)


def evaluate_facts(file: Path | None = None, reader: FactReader | None = None) -> dict[str, Any]:
    """The figures of a labelled file, of the built-in one by default; raises UsageError."""
    reader = reader or FactReader()
    rows = [_checked(row, where) for where, row in json_lines.read(file or LABELLED)]
    begin = time.perf_counter()
    found = [reader.read(row["text"]) for row in rows]
    seconds = time.perf_counter() - begin
    pairs = list(zip(rows, found, strict=True))
    supported = all(fact.quote in row["text"] for row, facts in pairs for fact in facts)
    figures: dict[str, Any] = {"messages": len(rows), "labelled_facts": sum(len(row["facts"]) for row in rows)}
    halves = {half: [pair for pair in pairs if pair[0].get("half") == half] for half in HALVES}
    for name, part in {"": pairs, **{f"{half}_": part for half, part in halves.items()}}.items():
        if part:
            counts = _counted(part)
            figures |= {f"{name}precision": counts.precision, f"{name}recall": counts.recall}
    misleading = [pair for pair in pairs if pair[0].get("about", PLAIN) != PLAIN]
    if misleading:
        figures["misled"] = sum(_counted([pair]).wrong > 0 for pair in misleading) / len(misleading)
    return figures | {"quotes_verified": float(supported), "milliseconds_per_message": 1000 * seconds / len(rows)}


def _counted(pairs: Iterable[tuple[Mapping[str, Any], Sequence[NewFact]]]) -> Counts:
    counts = Counts()
    for row, facts in pairs:
        counts.add(row["facts"], facts)
    return counts


def _checked(row: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    json_lines.text(row, "text", where)
    for fact in row.get("facts", ()):
        json_lines.text(fact, "kind", where)
        json_lines.text(fact, "value", where)
    return {"facts": [], **row}


def _same(kind: str, value: str, fact: NewFact) -> bool:
    if kind != fact.kind:
        return False
    if kind not in _FREE:
        return _SEPARATORS.sub("", fold(value)) == _SEPARATORS.sub("", fold(fact.value))
    wanted, got = (Counter(_TOKEN.findall(fold(text))) for text in (value, fact.value))
    return 2 * (wanted & got).total() >= ENOUGH * (wanted.total() + got.total())
