"""Which sentences of the found passages answer a question.

Each sentence of the best passages gets a score, linear in a few features, with weights that were fitted on
questions whose answering sentences are known. The best sentence takes along what it needs to be understood
(the lead-in of a list, the sentence that "it" refers to) and neighbours that score nearly as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from bot.answers import kinds
from bot.answers.question import Question, Reader, Reading, cover, likeness, title_likeness
from bot.messages import Citation, Evidence

PASSAGES = 5
"""How many of the best passages are read."""
_SENTENCES = 3
_LIST_CHARACTERS = 600
_ALL = 0.999
_SHORT, _SHORT_CHINESE = 320, 160
"""Characters of a passage that is an answer as it is."""
_SECTION, _SECTION_CHINESE = 700, 350
"""The same where the titles say all that is asked: it is about the whole, not about one sentence."""

FEATURES = (
    "cover", "cover_with_title", "precision", "history_cover", "similarity", "kind", "after_question", "is_question",
    "is_heading", "is_lead", "is_item", "is_first", "is_short", "previous_cover", "next_cover", "passage_rank",
    "passage_score", "passage_cover", "title_cover", "title_likeness",
)  # fmt: skip

_LEANS_ON_PREVIOUS = regex.compile(
    r"(?:it|its|this|that|these|those|they|their|them|he|she|his|her|such|both|however|otherwise|therefore|then|also"
    r"|in this case|in that case|if so|but|or|and)\b|(?:它|他|她|这|那|其|该|此|因此|所以|但|不过|否则|另外|此外|同时)",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer: neighbouring sentences (by number) of one passage; `best` is the one that was chosen."""

    reading: Reading
    rank: int
    best: int
    numbers: tuple[int, ...]
    score: float

    @property
    def quotes(self) -> tuple[str, ...]:
        """The sentences, those that are neighbours in one piece, letter for letter as in the passage."""
        pieces: list[list[int]] = []
        for number in self.numbers:
            if pieces and pieces[-1][-1] == number - 1:
                pieces[-1].append(number)
            else:
                pieces.append([number])
        sentences, text = self.reading.sentences, self.reading.passage.text
        return tuple(text[sentences[piece[0]].start : sentences[piece[-1]].end] for piece in pieces)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """A citation for each quote."""
        passage = self.reading.passage
        return tuple(Citation(passage.id, passage.title, passage.source, quote) for quote in self.quotes)

    @property
    def text(self) -> str:
        """The sentences as an answer: list items on lines of their own, else running text."""
        return as_answer(
            [(self.reading.sentences[n].kind in ("item", "row"), self.reading.text(n)) for n in self.numbers]
        )


@dataclass(frozen=True, slots=True)
class Selector:
    """`weights` go with FEATURES; a neighbour is taken along when it scores at most `slack` less than the best."""

    weights: Mapping[str, float]
    slack: float

    def candidates(self, question: Question, evidence: Sequence[Evidence], reader: Reader) -> list[Candidate]:
        """One candidate for each of the best passages that has sentences, best first."""
        found = []
        for rank, reading, matrix in sentence_features(question, evidence, reader):
            scores = matrix @ np.array([self.weights[name] for name in FEATURES])
            best = int(np.argmax(scores))
            found.append(
                Candidate(reading, rank, best, self._extent(question, reading, scores, best), float(scores[best]))
            )
        return sorted(found, key=lambda candidate: (not _is_titled(question, candidate), -candidate.score))

    def _extent(self, question: Question, reading: Reading, scores: NDArray[np.float64], best: int) -> tuple[int, ...]:
        if (
            whole := _section(question, reading)
            or _whole_list(question, reading, best)
            or _entry(question, reading, best)
        ):
            return whole
        first = last = best
        while last - first + 1 < _SENTENCES:
            options = [
                n
                for n in (first - 1, last + 1)
                if _may_join(reading, n, best) and scores[n] >= scores[best] - self.slack
            ]
            if not options:
                break
            taken = max(options, key=lambda n: scores[n])
            first, last = min(first, taken), max(last, taken)
        while first > 0 and first > best - 2 and _leans(reading, first):
            first -= 1
        numbers = tuple(range(first, last + 1))
        lead = reading.sentences[first].lead
        return numbers if lead is None or lead in numbers else (lead, *numbers)


def _is_titled(question: Question, candidate: Candidate) -> bool:
    """Whether the passage found first has a title that says all that is asked: "opening hours"."""
    covers = (cover(question.weights, part) for part in candidate.reading.title_parts)
    return candidate.rank == 0 and max(covers, default=0.0) > _ALL


def sentence_features(
    question: Question, evidence: Sequence[Evidence], reader: Reader
) -> list[tuple[int, Reading, NDArray[np.float64]]]:
    """For each passage read: its rank from 0, its sentences, and their features [sentences, FEATURES]."""
    top = max((item.score for item in evidence), default=0.0) or 1.0
    read = [(rank, item.score / top, reader.passage(item.passage)) for rank, item in enumerate(evidence[:PASSAGES])]
    return [
        (rank, reading, _matrix(question, reading, rank, share, reader))
        for rank, share, reading in read
        if reading.sentences
    ]


def _matrix(question: Question, reading: Reading, rank: int, share: float, reader: Reader) -> NDArray[np.float64]:
    covers = [cover(question.weights, found) for found in reading.terms]
    shared = {
        "passage_rank": 1 / (1 + rank),
        "passage_score": share,
        "passage_cover": cover(question.weights, reading.all_terms),
        "title_cover": cover(question.weights, reading.title_terms),
        "title_likeness": title_likeness(question, reading, reader.rarity),
    }
    similarity = _similarities(question, reading)
    rows = [shared | _features(question, reading, n, covers, similarity, reader) for n in range(len(covers))]
    return np.array([[row[name] for name in FEATURES] for row in rows])


def _similarities(question: Question, reading: Reading) -> NDArray[np.float32]:
    if question.vector is None or reading.vectors is None:
        return np.zeros(len(reading.sentences), dtype=np.float32)
    return reading.vectors @ question.vector


def _features(
    question: Question,
    reading: Reading,
    number: int,
    covers: Sequence[float],
    similarity: NDArray[np.float32],
    reader: Reader,
) -> dict[str, float]:
    sentence, found, text = reading.sentences[number], reading.terms[number], reading.text(number)
    return {
        "cover": covers[number],
        "cover_with_title": cover(question.weights, found | reading.title_terms),
        "precision": cover(reader.rarity.weights(found), frozenset(question.weights)),
        "history_cover": cover(question.context, found),
        "similarity": float(similarity[number]),
        "kind": float(kinds.has(question.kind, text)),
        "after_question": _after_question(question, reading, number, reader),
        "is_question": float(sentence.kind == "question"),
        "is_heading": float(sentence.kind == "heading"),
        "is_lead": float(sentence.kind == "lead"),
        "is_item": float(sentence.kind in ("item", "row")),
        "is_first": float(number == 0),
        "is_short": float(len(text) < (8 if question.is_chinese else 25)),
        "previous_cover": covers[number - 1] if number else 0.0,
        "next_cover": covers[number + 1] if number + 1 < len(covers) else 0.0,
    }


def _after_question(question: Question, reading: Reading, number: int, reader: Reader) -> float:
    """How much the question that a sentence follows is the one that was asked; the title may be a question too."""
    if number == 0:
        return title_likeness(question, reading, reader.rarity) if _is_entry(reading) else 0.0
    if reading.sentences[number - 1].kind != "question":
        return 0.0
    return likeness(question, reading.terms[number - 1], reader.rarity)


def _is_entry(reading: Reading) -> bool:
    """Whether the title is a question, which the text answers."""
    return reading.passage.title.rstrip().endswith(("?", "？"))


def _may_join(reading: Reading, number: int, best: int) -> bool:
    """Whether a neighbour may be part of the answer: it is in the same list, or both are running text."""
    if not 0 <= number < len(reading.sentences):
        return False
    neighbour, chosen = reading.sentences[number], reading.sentences[best]
    if neighbour.kind in ("heading", "question"):
        return False
    return neighbour.lead == chosen.lead and (neighbour.kind == chosen.kind or "lead" in (neighbour.kind, chosen.kind))


def _leans(reading: Reading, number: int) -> bool:
    """Whether a sentence is only understood after the one before it."""
    previous = reading.sentences[number - 1]
    return previous.kind == "sentence" and _LEANS_ON_PREVIOUS.match(reading.text(number)) is not None


def _section(question: Question, reading: Reading) -> tuple[int, ...]:
    """All of a passage whose titles say all that is asked, when it is not long."""
    longest = _SECTION_CHINESE if question.is_chinese else _SECTION
    if len(reading.passage.text) > longest or cover(question.weights, reading.title_terms) < _ALL:
        return ()
    numbers = [n for n, sentence in enumerate(reading.sentences) if sentence.kind not in ("heading", "question")]
    return tuple(numbers)


def _whole_list(question: Question, reading: Reading, best: int) -> tuple[int, ...]:
    """A lead-in and all of its items, when the list is short and the question is about it, not about one item."""
    chosen = reading.sentences[best]
    lead = best if chosen.kind == "lead" else chosen.lead
    if lead is None or reading.sentences[lead].kind == "row":
        return ()
    numbers = (lead, *(n for n, sentence in enumerate(reading.sentences) if sentence.lead == lead))
    length = reading.sentences[numbers[-1]].end - reading.sentences[lead].start
    if length > _LIST_CHARACTERS or (chosen.kind != "lead" and _is_particular(question, reading, best)):
        return ()
    return numbers


def _entry(question: Question, reading: Reading, best: int) -> tuple[int, ...]:
    """All of a short passage: its sentences belong together, and an exception must not stand without its rule."""
    start = 1 if reading.sentences[0].kind == "question" else 0
    answer = range(start, len(reading.sentences))
    plain = all(reading.sentences[n].kind == "sentence" for n in answer)
    if best not in answer or not plain:
        return ()
    length = reading.sentences[-1].end - reading.sentences[start].start
    return tuple(answer) if length <= (_SHORT_CHINESE if question.is_chinese else _SHORT) else ()


def _is_particular(question: Question, reading: Reading, number: int) -> bool:
    """Whether a sentence has words of the question that neither the title nor its lead-in has.

    "How long does delivery take?" is about a whole list; "… to France?" about the item that names France.
    """
    lead = reading.sentences[number].lead
    around = reading.title_terms | (reading.terms[lead] if lead is not None else frozenset())
    if reading.sentences[0].kind == "question":
        around |= reading.terms[0]
    return any(term in question.weights for term in reading.terms[number] - around)


_MARKUP = regex.compile(r"(?:\*\*|__)(?=\S)(.+?)(?<=\S)(?:\*\*|__)")


def as_answer(parts: Sequence[tuple[bool, str]]) -> str:
    """Sentences put together for reading; each comes with whether it stands on a line of its own."""
    answer = ""
    for on_own_line, sentence in parts:
        plain = " ".join(_MARKUP.sub(r"\1", sentence).split())
        joint = "\n" if on_own_line else ("" if regex.search(r"[\p{Han}。！？；：]$", answer) else " ")
        answer = f"{answer}{joint}{'- ' if on_own_line and len(parts) > 1 else ''}{plain}" if answer else plain
    return answer
