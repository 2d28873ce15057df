"""A stretch of a conversation in short: sentences that were said in it, letter for letter.

What the customer wanted and what was left open comes first, then what the rest of the stretch is about most: a
sentence's centrality is its likeness to the others (Radev et al., "Centroid-based summarization of multiple
documents", 2004). Small talk and commands say nothing that will be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answers import sentences
from bot.knowledge.analysis import terms
from bot.knowledge.lexical import LexicalIndex
from bot.memory.past import says_nothing
from bot.messages import Said, Summary

SHOP = "→ "
"""Stands before a sentence of the shop's side."""
LENGTH = 5
MOST_CHARACTERS = 300
"""Longer sentences are pasted text rather than said."""
_FEWEST_TERMS = 2
_OPEN, _WANTED = 2.0, 1.0
"""How much more than centrality, which is at most 1, an open end and a wish count."""
_SAME = 0.7
"""Sentences that share so much of their terms say the same."""
_UNANSWERED = frozenset({"decline", "handoff"})


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    terms: tuple[str, ...]
    is_shops: bool
    bonus: float


def summarise(stretch: Sequence[Said], length: int = LENGTH) -> str:
    """At most `length` sentences in the order in which they were said, one a line; empty when nothing was said."""
    said = list(_sentences(stretch))
    if not said:
        return ""
    chosen: list[int] = []
    for number in np.argsort(-_worth(said), kind="stable").tolist():
        if len(chosen) < length and not any(_same(said[number], said[other]) for other in chosen):
            chosen.append(number)
    return "\n".join(f"{SHOP if said[number].is_shops else ''}{said[number].text}" for number in sorted(chosen))


def from_summaries(summaries: Sequence[Summary], said: Sequence[Said]) -> list[Said]:
    """The sentences of summaries as messages, those of stretches that end before the messages `said` begin."""
    first: dict[str, int] = {}
    for each in said:
        first.setdefault(each.conversation_id, each.number)
    return [
        Said(
            f"{summary.conversation_id}/{summary.number}/{place}",
            summary.conversation_id,
            summary.number,
            "assistant" if line.startswith(SHOP) else "user",
            line.removeprefix(SHOP),
            summary.created_at,
        )
        for summary in summaries
        if summary.number < first.get(summary.conversation_id, summary.number + 1)
        for place, line in enumerate(summary.text.split("\n"))
    ]


def _worth(said: Sequence[_Sentence]) -> NDArray[np.float32]:
    """[sentences]: centrality as a share of the best, and the bonus."""
    index = LexicalIndex([each.terms for each in said])
    likeness = np.stack([index.scores(dict.fromkeys(each.terms, 1 / len(each.terms))) for each in said])
    np.fill_diagonal(likeness, 0)
    centrality = likeness.sum(axis=0)
    bonus = np.array([each.bonus for each in said], dtype=np.float32)
    worth: NDArray[np.float32] = centrality / np.float32(max(float(centrality.max()), 1e-6)) + bonus
    return worth


def _sentences(stretch: Sequence[Said]) -> Iterator[_Sentence]:
    for said, reply in zip(stretch, _replies(stretch), strict=True):
        if _says_nothing(said, reply):
            continue
        is_open = said.role == "user" and (reply is None or reply.route in _UNANSWERED)
        for number, sentence in enumerate(sentences.split(said.text)):
            text = " ".join(said.text[sentence.start : sentence.end].split())
            found = tuple(dict.fromkeys(terms(text)))
            is_wish = said.role == "user" and (sentence.kind == "question" or number == 0)
            if len(found) >= (1 if is_wish else _FEWEST_TERMS) and len(text) <= MOST_CHARACTERS:
                bonus = _OPEN * is_open + _WANTED * is_wish
                yield _Sentence(text, found, said.role != "user", bonus)


def _replies(stretch: Sequence[Said]) -> list[Said | None]:
    """For each message of the customer the reply that came next."""
    coming: list[Said | None] = []
    reply: Said | None = None
    for said in reversed(stretch):
        if said.role != "user":
            reply = said
        coming.append(reply)
    return coming[::-1]


def _says_nothing(said: Said, reply: Said | None) -> bool:
    if said.role != "user":
        return says_nothing(said)
    return said.text.startswith("/") or (reply is not None and reply.route in ("chat", "command"))


def _same(one: _Sentence, other: _Sentence) -> bool:
    shared = set(one.terms) & set(other.terms)
    return len(shared) >= _SAME * min(len(one.terms), len(other.terms))
