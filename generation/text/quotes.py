"""Questions that a passage answers in its own words, so that a model learns to answer from its context.

They are made of passages alone: an entry of a FAQ is asked by its own question, another text by the telling words of
one of its sentences. Other passages stand beside the right one; now and then the right one is missing and the
assistant declines.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from generation.text.dialogues import Dialogue, Turn
from generation.text.small_talk import Topic

QUESTION = regex.compile(r"^\s*([^?\n]{8,160}\?)\s+(\S.{8,})", regex.DOTALL)
SENTENCE = regex.compile(r"(?<=[.!?])\s+|\n+")
WORD = regex.compile(r"\p{L}[\p{L}'-]{3,}")
SHORTEST, LONGEST = 20, 220  # characters of an answer
BESIDE = (0, 1, 1, 2, 2, 3)  # other passages
MISSING = 0.15  # share of questions whose passage was not found
NEIGHBOURS = 12  # passages before and after, which are mostly about the same thing
ASKING = (
    "Can you tell me about {}?",
    "What about {}?",
    "I have a question about {}",
    "Please tell me about {}.",
    "{}?",
    "I want to know about {}.",
    "How is it with {}?",
)
DECLINES = "no_guess"  # the topic of small talk whose replies promise nothing


@dataclass(frozen=True, slots=True)
class Quote:
    """A question and its answer, letter for letter in the passage with this place among all."""

    place: int
    question: str
    answer: str


def read_quotes(passages: Sequence[str]) -> list[Quote]:
    """What can be asked about passages: each FAQ entry's question, and each fitting sentence of other texts."""
    return [quote for place, text in enumerate(passages) for quote in _quotes(place, text)]


def _quotes(place: int, text: str) -> list[Quote]:
    if entry := QUESTION.match(text):
        answer = " ".join(SENTENCE.split(entry[2].strip())[:2])
        return [Quote(place, entry[1], answer)] if len(answer) <= LONGEST else []
    sentences = [sentence.strip(" #*-") for sentence in SENTENCE.split(text)]
    return [
        Quote(place, "", sentence)
        for sentence in sentences
        if SHORTEST <= len(sentence) <= LONGEST and len(WORD.findall(sentence)) >= 3
    ]


def ask(
    quotes: Sequence[Quote], passages: Sequence[str], topics: Sequence[Topic], count: int, rng: random.Random
) -> list[Dialogue]:
    """`count` conversations of one or two questions; none when there is nothing to quote."""
    declines = [
        reply for topic in topics if topic.topic == DECLINES and topic.lang == "en" for reply in topic.assistant
    ]
    entries = [quote for quote in quotes if quote.question]
    others = [quote for quote in quotes if not quote.question]
    kinds = [kind for kind in (entries, others) if kind]
    conversations = []
    for number in range(count if kinds else 0):
        chosen = [rng.choice(rng.choice(kinds)) for _ in range(rng.choice((1, 1, 2)))]
        turns = [turn for quote in chosen for turn in _exchange(quote, passages, declines, rng)]
        conversations.append(Dialogue(f"quotes:{number}", "quotes", "en", tuple(turns)))
    return conversations


def _exchange(quote: Quote, passages: Sequence[str], declines: Sequence[str], rng: random.Random) -> tuple[Turn, Turn]:
    first = max(quote.place - NEIGHBOURS, 0)
    near = range(first, min(quote.place + NEIGHBOURS + 1, len(passages)))
    places = {
        rng.choice(near) if rng.random() < 0.5 else rng.randrange(len(passages)) for _ in range(rng.choice(BESIDE))
    }
    beside = tuple(passages[place] for place in sorted(places - {quote.place}))
    asked = Turn("user", _typed(quote.question, rng) if quote.question else _asked(quote.answer, rng))
    if rng.random() < MISSING:
        return asked, Turn("assistant", rng.choice(declines), beside)
    return asked, Turn("assistant", quote.answer, (_around(quote, passages[quote.place]), *beside))


def _around(quote: Quote, text: str, room: int = 500) -> str:
    """The part of a long text that has the answer in it."""
    start = text.find(quote.answer)
    return text if start + len(quote.answer) <= room else text[max(start - room // 4, 0) :]


def _typed(question: str, rng: random.Random) -> str:
    """The question as somebody would type it: in small letters, without its mark, without a word."""
    if rng.random() < 0.3:
        question = question.lower()
    if rng.random() < 0.3:
        question = question.rstrip("?")
    words = question.split()
    if len(words) > 4 and rng.random() < 0.4:
        del words[rng.randrange(len(words))]
    return " ".join(words)


def _asked(answer: str, rng: random.Random) -> str:
    """A question for a sentence, by two or three of its words that stand together."""
    words = answer.split()
    size = min(rng.choice((2, 3, 3, 4)), len(words))
    starts = [start for start in range(len(words) - size + 1) if WORD.search(" ".join(words[start : start + size]))]
    start = rng.choice(starts or [0])
    return rng.choice(ASKING).format(" ".join(words[start : start + size]).strip(",.;:!?()").lower())
