"""A query in terms: what is asked now, and what the conversation before it adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from bot.knowledge.analysis import terms
from bot.messages import Query

_FADE = 0.8
"""What a term weighs against the same one a turn later."""
_VECTOR_TURNS = 3
_HAN = regex.compile(r"\p{Han}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Weights of terms; those of the history are without the terms of the question.

    `turns` are the terms of each turn, the latest (the question) first. `before` is the text of the last turns
    before the question, for vectors.
    """

    question: dict[str, float]
    customer: dict[str, float]
    replies: dict[str, float]
    last_words: dict[str, float]
    last_reply: dict[str, float]
    turns: Sequence[Sequence[str]]
    text: str
    before: str
    language: str


def asked(query: Query) -> Asked:
    """The query taken apart."""
    history = [(turn.role == "user", terms(turn.text)) for turn in reversed(query.history)]
    words = terms(query.text)
    question = dict.fromkeys(words, 1.0)
    return Asked(
        question=question,
        customer=_faded(history, True, question),
        replies=_faded(history, False, question),
        last_words=_latest(history, True),
        last_reply=_latest(history, False),
        turns=[words, *(found for _, found in history)],
        text=query.text,
        before=" ".join(turn.text for turn in query.history[-_VECTOR_TURNS:]),
        language=query.language or ("zh" if _HAN.search(query.text) else "en"),
    )


def pairs(words: Sequence[str]) -> list[str]:
    """Neighbouring terms as terms of their own."""
    return [f"{first} {second}" for first, second in pairwise(words)]


def _faded(history: Sequence[tuple[bool, list[str]]], customer: bool, question: dict[str, float]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for age, (is_customer, words) in enumerate(history):
        if is_customer == customer:
            for word in words:
                weights.setdefault(word, _FADE**age)
    return {word: weight for word, weight in weights.items() if word not in question}


def _latest(history: Sequence[tuple[bool, list[str]]], customer: bool) -> dict[str, float]:
    words = next((words for is_customer, words in history if is_customer == customer), [])
    return dict.fromkeys(words, 1.0)
