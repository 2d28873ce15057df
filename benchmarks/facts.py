"""How well facts of customers are found in messages: on the labelled set, and in the talk of persona_chat.

There two people talk who were each given some lines about themselves ("I love to bake cookies"). A line about a taste
counts as told when one message of its owner has all of its words; recall is the share of such lines of which a fact
was found. The lines are not all that a person tells, so that they say nothing about precision.
`python -m benchmarks.facts [--quick] [--json]`
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import regex
from rich.console import Console
from rich.table import Table

from bot.evaluation import json_lines
from bot.evaluation.facts import evaluate_facts
from bot.knowledge.analysis import terms
from bot.memory.facts.extraction import FactReader

DATA = Path(__file__).parents[2] / "shared" / "data" / "persona_chat" / "persona.dev.jsonl.gz"
QUICK = 100
TASTE = regex.compile(
    r"(?i)^(?:I (?:also |really )?(?:love|like|hate|dislike|enjoy|prefer|don['’]t like)|my favou?rite"
    r"|I(?:['’]m| am) (?:a )?(?:vegan|vegetarian|allergic|fan))\b"
)
VERBS = frozenset(terms("love like loved hate dislike enjoy prefer favorite favourite really also very much"))

Words = frozenset[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"only {QUICK} conversations")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    reader = FactReader()
    figures: dict[str, Any] = {"labelled": evaluate_facts(reader=reader)}
    if DATA.exists():
        figures["persona_chat"] = persona_chat(reader, QUICK if arguments.quick else None)
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        table = Table(name, "")
        for key, value in values.items():
            table.add_row(key, f"{value:.3f}" if isinstance(value, float) else str(value))
        Console().print(table)


def persona_chat(reader: FactReader, limit: int | None) -> dict[str, Any]:
    """Recall of the lines that were told, and the time of a message."""
    told = recalled = messages = 0
    begin = time.perf_counter()
    for lines, texts in people(limit):
        found = [meaning(fact.value) for text in texts for fact in reader.read(text) if fact.kind == "preference"]
        said = [meaning(text) for text in texts]
        messages += len(texts)
        for line in filter(None, map(meaning, filter(TASTE.search, lines))):
            if any(line <= each for each in said):
                told += 1
                recalled += any(line & fact for fact in found)
    seconds = time.perf_counter() - begin
    return {
        "messages": messages,
        "lines_told": told,
        "recall": recalled / max(told, 1),
        "milliseconds_per_message": 1000 * seconds / max(messages, 1),
    }


def people(limit: int | None) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """For each person their lines, and what they said."""
    for number, (_, row) in enumerate(json_lines.read(DATA)):
        if number == limit:
            return
        for role in ("user", "assistant"):
            yield row[f"{role}_persona"], [turn["text"] for turn in row["turns"] if turn["role"] == role]


def meaning(text: str) -> Words:
    """The words that say what, without those that say how much it is liked."""
    return frozenset(terms(text)) - VERBS


if __name__ == "__main__":
    main()
