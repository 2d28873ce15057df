"""The few words of a sentence that a question asks for: an amount, a date, a number, a place, a person.

A long sentence is easier to read with its point put first. The point is chosen by its kind and by how near it
stands to the question's own words; where the question asks for no such thing, there is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import regex

from bot.answers import kinds
from bot.answers.kinds import AnswerKind
from bot.answers.question import Question
from bot.knowledge.analysis import terms

_NEAR = 30.0
"""Characters over which nearness falls to a third; Chinese needs a third of them."""
_CLEAR = 1.15
"""How many times nearer than the second best the best must be."""
_WORD = regex.compile(r"[\p{Han}]|[^\s\p{P}\p{Han}]+(?:[.'’-][^\s\p{P}\p{Han}]+)*")
_COUNTED = regex.compile(r"how many\s+(?:\w+\s+)??(\w+)|(?:多少|几)个?(\p{Han})", regex.IGNORECASE)
_WITHOUT_SPAN: frozenset[AnswerKind] = frozenset({"yes_no", "contact"})


def point(question: Question, sentence: str) -> tuple[int, int] | None:
    """Offsets into the sentence of what is asked for, None where that cannot be told."""
    if question.kind is None or question.kind in _WITHOUT_SPAN:
        return None
    matches = list(_matches(question, sentence))
    spans = (_trimmed(sentence, *span) for span in kinds.found(question.kind, sentence))
    options = [span for span in spans if not _is_asked(question, sentence[slice(*span)])]
    nearness = {span: _nearness(question, sentence, span, matches) for span in options}
    ranked = sorted(nearness, key=lambda span: -nearness[span])
    if not ranked or (len(ranked) > 1 and nearness[ranked[0]] < _CLEAR * nearness[ranked[1]]):
        return None
    return ranked[0]


def _trimmed(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Without words that say nothing at its beginning: "Then Anderson" is "Anderson"."""
    while " " in sentence[start:end] and not terms(sentence[start:end].split(" ", 1)[0]):
        start = sentence.index(" ", start) + 1
    return start, end


def _matches(question: Question, sentence: str) -> Iterator[tuple[int, int, float]]:
    """Where the question's terms stand in the sentence, with their weights."""
    for match in _WORD.finditer(sentence):
        weight = max((question.weights.get(term, 0.0) for term in terms(match.group())), default=0.0)
        if weight:
            yield match.start(), match.end(), weight


def _is_asked(question: Question, span: str) -> bool:
    """Whether the question says it itself, or it says nothing."""
    return all(term in question.weights for term in terms(span))


def _nearness(question: Question, sentence: str, span: tuple[int, int], matches: list[tuple[int, int, float]]) -> float:
    scale = _NEAR / 3 if question.is_chinese else _NEAR
    near = sum(
        weight * math.exp(-max(start - span[1], span[0] - end, 0) / scale)
        for start, end, weight in matches
        if end <= span[0] or start >= span[1]
    )
    return near + (2.0 if _counts(question, sentence[span[0] : span[1] + 25]) else 0.0)


def _counts(question: Question, text: str) -> bool:
    """Whether a number counts what the question wants counted: how many *points*."""
    asked = _COUNTED.search(question.text) if question.kind == "number" else None
    if asked is None:
        return False
    return bool(set(terms(asked[1] or asked[2])) & set(terms(text)))
