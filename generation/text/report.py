"""What cleaning did to a set of conversations, as a table for people and as files in the run's folder."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import regex

from generation.text.dialogues import Dialogue

PERCENTILES = (5, 50, 95, 100)
OPENS = regex.compile(r"(?:^|[.!?…]\s+)(\p{Lu}[\p{L}'’-]*)")  # a capitalised word that begins a sentence
HABITUAL = 0.03  # share of the dialogues in which an opener comes up that is a manner of speaking


@dataclass
class Report:
    """Dialogues read and kept by source, reasons of drops, rules applied, languages and lengths of what is kept.

    `openers` counts the dialogues in which a word begins a sentence of the assistant's. `drops` are (dialogue, source,
    reason); `turns` and `words` hold one number for each dialogue and turn kept.
    """

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    rewritten: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    openers: Counter[str] = field(default_factory=Counter)
    drops: list[tuple[str, str, str]] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    words: dict[str, list[int]] = field(default_factory=lambda: {"user": [], "assistant": []})

    def drop(self, dialogue: Dialogue, reason: str) -> None:
        """Counts a dialogue that is not learnt from."""
        self.dropped[reason] += 1
        self.drops.append((dialogue.id, dialogue.source, reason))

    def keep(self, dialogue: Dialogue) -> None:
        """Counts a dialogue that is learnt from."""
        self.kept[dialogue.source] += 1
        self.languages[dialogue.language] += 1
        self.turns.append(len(dialogue.turns))
        for turn in dialogue.turns:
            self.words[turn.role].append(len(turn.text.split()))
        said = (turn.text for turn in dialogue.turns if turn.role == "assistant")
        self.openers.update({word for text in said for word in OPENS.findall(text)})

    def lines(self) -> Iterator[str]:
        """The report as a table of plain text."""
        yield f"Kept {self.kept.total():,} of {self.read.total():,} dialogues."
        rows = [
            (f"from {source}", f"{self.kept[source]:,} of {count:,}") for source, count in sorted(self.read.items())
        ]
        for title, counts in (("dropped", self.dropped), ("replaced", self.rewritten), ("language", self.languages)):
            rows += [(f"{title}: {name}", f"{count:,}") for name, count in counts.most_common() if count]
        for title, values in self._lengths().items():
            rows.append((title, " / ".join(str(value) for value in values)))
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            yield f"  {name:<{width}}  {value}"

    def write(self, folder: Path) -> None:
        """`cleaning.json` with all figures and `dropped.csv` with each dialogue that was left out, and why."""
        figures = {
            "read": self.read,
            "kept": self.kept,
            "dropped": self.dropped,
            "replaced": {name: count for name, count in self.rewritten.items() if count},
            "languages": self.languages,
            "openers": self._habitual_openers(),
            **self._lengths(),
        }
        (folder / "cleaning.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
        with (folder / "dropped.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("dialogue", "source", "reason"), *self.drops])

    def _habitual_openers(self) -> list[str]:
        """What the assistant habitually begins a sentence with, such as its greeting."""
        least = max(HABITUAL * self.kept.total(), 3)
        return sorted(word for word, count in self.openers.items() if count >= least)

    def _lengths(self) -> dict[str, list[int]]:
        """Lengths at the percentiles 5, 50, 95 and 100."""
        found = {"turns of a dialogue (5 % / median / 95 % / longest)": _percentiles(self.turns)}
        for role, counts in self.words.items():
            found[f"words of the {role} (5 % / median / 95 % / longest)"] = _percentiles(counts)
        return {name: values for name, values in found.items() if values}


def _percentiles(values: Sequence[int]) -> list[int]:
    ordered = sorted(values)
    return [ordered[(len(ordered) - 1) * share // 100] for share in PERCENTILES] if ordered else []
