"""A knowledge base with questions put to it, and what is needed to draw such cases from files."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from bot.evaluation.questions import LabelledQuestion
from bot.messages import Passage

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Case:
    """A knowledge base and the questions put to it; `name` is the set that they came from."""

    name: str
    passages: tuple[Passage, ...]
    questions: tuple[LabelledQuestion, ...]


def without_answer(question: LabelledQuestion) -> LabelledQuestion:
    """The question as one that this knowledge base does not answer."""
    return replace(question, answerable=False, answers=(), knowledge=frozenset())


def some(items: Sequence[_T], count: int, draw: random.Random) -> list[_T]:
    """At most `count` of them."""
    return draw.sample(list(items), min(count, len(items)))


def is_in(part: str, text: str) -> bool:
    """A tenth of what has no part of its own is valid, the same in every run."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return (number % 10 == 0) == (part == "valid")


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
