"""Small knowledge bases of help-desk entries, as a shop has them, with customers' questions to them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import regex

from bot.evaluation.case import Case, rows, some, without_answer
from bot.evaluation.questions import LabelledQuestion
from bot.messages import Passage, Query

_CASES = 12
_LEAST_ENTRIES = 8


def shops(folder: Path, part: str, draw: random.Random, size: int) -> list[Case]:
    """Shops that answer some of the intents of bitext: an agent's reply is the entry, others ask in their words."""
    intents = {row["text"]: row["label"] for row in rows(folder / "bitext/intents.jsonl.gz")}
    asked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for dialogue in rows(folder / f"bitext/dialogues.{part}.jsonl.gz"):
        question, reply = (turn["text"] for turn in dialogue["turns"][:2])
        if question in intents:
            asked[intents[question]].append((question, reply))
    return [_shop(asked, draw, size // _CASES) for _ in range(_CASES)]


def _shop(asked: dict[str, list[tuple[str, str]]], draw: random.Random, size: int) -> Case:
    kept = set(draw.sample(sorted(asked), draw.randint(len(asked) // 3, len(asked) - 4)))
    passages: list[Passage] = []
    questions: list[LabelledQuestion] = []
    titled = draw.choice((True, True, False))
    for label, turns in asked.items():
        (title, reply), *others = draw.sample(turns, min(len(turns), 12))
        path = f"{label.replace('_', ' ')} › {title}"
        passage = Passage(label, path if titled else label.replace("_", " "), reply, "help", heading=(title,))
        if label in kept:
            passages.append(passage)
        found = (LabelledQuestion(f"{label}:{text}", Query(text), (), frozenset([label])) for text, _ in others)
        questions.extend(question if label in kept else without_answer(question) for question in found)
    return Case("shop", tuple(passages), tuple(some(questions, size, draw)))


def places(passages: Sequence[Passage], draw: random.Random, size: int) -> list[Case]:
    """The entries of single hotels or restaurants, asked for in changed words, half of them taken out before."""
    by_place: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_place[passage.title.split(" - ")[0]].append(passage)
    large = sorted(name for name, entries in by_place.items() if len(entries) >= _LEAST_ENTRIES)
    return [_place(by_place[name], draw, size // _CASES) for name in some(large, _CASES, draw)]


def _place(entries: Sequence[Passage], draw: random.Random, size: int) -> Case:
    gone = {entry.id for entry in draw.sample(list(entries), len(entries) // 2)}
    labelled = [
        without_answer(question) if question.knowledge & gone else question for question in _asked(entries, draw)
    ]
    return Case("place", tuple(entry for entry in entries if entry.id not in gone), tuple(some(labelled, size, draw)))


def _asked(entries: Sequence[Passage], draw: random.Random) -> Iterator[LabelledQuestion]:
    for entry in entries:
        other = draw.choice(list(entries))
        question = reworded(entry.title.partition(" - ")[2], other.text, draw)
        yield LabelledQuestion(f"place:{entry.id}", Query(question), (), frozenset([entry.id]))


def reworded(question: str, strange: str, draw: random.Random) -> str:
    """The question with some words fallen away and some said with strange ones."""
    words, others = regex.findall(r"\S+", question), regex.findall(r"\w+", strange)
    lost, changed = draw.uniform(0, 0.4), draw.uniform(0, 0.3)
    kept = [word for word in words if draw.random() >= lost] or words
    return " ".join(draw.choice(others) if others and draw.random() < changed else word for word in kept)
