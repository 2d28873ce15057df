"""How well earlier turns are found again, on long conversations with questions (`parley evaluate memory`)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import regex

from bot.answers import rarity
from bot.errors import UsageError
from bot.evaluation import json_lines
from bot.knowledge.analysis import terms
from bot.knowledge.lexical import LexicalIndex
from bot.memory import question
from bot.memory.index import Asked, PastTurn, Reading, TurnIndex
from bot.protocols import Embedder

DEPTHS = (1, 5, 10, 20)
UTC_ZONE = ZoneInfo("UTC")
_EVIDENCE = regex.compile(r"D:?(\d+):(\d+)")
_SESSION_TIME = "%I:%M %p on %d %B, %Y"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and the rows of the turns that answer it; none where nobody has said which they are."""

    text: str
    evidence: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LabelledHistory:
    """Turns, oldest first, and questions about them, asked in `language` after the last of them. `names` are the
    speakers by what a question calls them."""

    turns: Sequence[PastTurn]
    questions: Sequence[Labelled]
    names: Mapping[str, str]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: what was found by us and by BM25 over all turns (rows, best first), and in how many seconds.

    `on_day` is whether the first found turn is of the day that the question names, None where it names none.
    """

    labelled: Labelled
    found: Sequence[int]
    by_words: Sequence[int]
    seconds: float
    on_day: bool | None


def read_histories(path: Path) -> list[LabelledHistory]:
    """Rows of locomo (sessions of turns, questions with evidence) or memorybank (days of chat, questions without).

    Raises UsageError that names file and line.
    """
    histories = []
    for where, row in json_lines.read(path):
        try:
            histories.append(_sessions(row) if "qa" in row else _days(row))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"{where}: this is no history with questions ({error!r}).") from None
    if not histories:
        raise UsageError(f"{path} has no histories.")
    return histories


def evaluate_memory(histories: Sequence[LabelledHistory], embedder: Embedder | None) -> dict[str, Any]:
    """The figures of all questions, shares from 0 to 1; a figure without any question that it is about is None.

    - `recall@k`: of a question's evidence turns, the share among the first k found, as a mean over the questions with
      evidence; `any@k`: share of these questions for which at least one is. `bm25_recall@k`: the same by BM25 over all
      turns with all words of the question.
    - `of_named_day`: of the questions that name a day on which something was said, the share whose first found turn is
      of that day.
    - `seconds_per_question`: mean time to find; `seconds_per_history`: mean time to read all turns, once for all
      questions.
    """
    outcomes: list[Outcome] = []
    reading_seconds = []
    for history in histories:
        started = time.perf_counter()
        index = _index(history, embedder)
        reading_seconds.append(time.perf_counter() - started)
        outcomes += _outcomes(history, index, embedder)
    return {
        "questions": sum(bool(one.labelled.evidence) for one in outcomes),
        "turns_per_history": _mean([len(history.turns) for history in histories]),
        **{f"recall@{k}": _recall(outcomes, k) for k in DEPTHS},
        **{f"any@{k}": _any(outcomes, k) for k in DEPTHS},
        **{f"bm25_recall@{k}": _recall(outcomes, k, by_words=True) for k in DEPTHS},
        "of_named_day": _mean([one.on_day for one in outcomes if one.on_day is not None]),
        "seconds_per_question": _mean([one.seconds for one in outcomes]),
        "seconds_per_history": _mean(reading_seconds),
    }


def _index(history: LabelledHistory, embedder: Embedder | None) -> TurnIndex:
    texts = [turn.text for turn in history.turns]
    words = [terms(text) for text in texts]
    if embedder is None or history.language not in embedder.languages:
        return TurnIndex(history.turns, [Reading(each) for each in words], rarity.load())
    readings = [Reading(each, vector) for each, vector in zip(words, embedder.encode(texts), strict=True)]
    return TurnIndex(history.turns, readings, rarity.load())


def _outcomes(history: LabelledHistory, index: TurnIndex, embedder: Embedder | None) -> Iterator[Outcome]:
    lexical = LexicalIndex([terms(turn.text) for turn in history.turns])
    now = history.turns[-1].time
    for labelled in history.questions:
        started = time.perf_counter()
        asked = _asked(labelled.text, history, now, embedder)
        found = [each.row for each in index.search(asked, max(DEPTHS))]
        seconds = time.perf_counter() - started
        scores = lexical.scores(dict.fromkeys(terms(labelled.text), 1.0))
        by_words = np.argsort(-scores, kind="stable")[: max(DEPTHS)].tolist()
        yield Outcome(labelled, found, by_words, seconds, _on_day(asked, found, history.turns))


def _asked(text: str, history: LabelledHistory, now: datetime, embedder: Embedder | None) -> Asked:
    """As a message is read, except that the speakers have names here."""
    wanted = question.read(text, now, UTC_ZONE, history.language)
    subject = wanted.text
    named = set()
    for name, speaker in history.names.items():
        subject, times_named = regex.subn(rf"\b{regex.escape(name)}\b", " ", subject, flags=regex.IGNORECASE)
        named |= {speaker} if times_named else set()
    speakers = frozenset(named if len(named) == 1 else ()) if history.names else frozenset[str](wanted.sides)
    has_vectors = embedder is not None and history.language in embedder.languages
    vector = embedder.encode([subject])[0] if embedder is not None and has_vectors else None
    return Asked(subject, vector, speakers, wanted.period)


def _on_day(asked: Asked, found: Sequence[int], turns: Sequence[PastTurn]) -> bool | None:
    if asked.period is None or asked.period[1] - asked.period[0] > timedelta(days=1):
        return None
    said = {row for row, turn in enumerate(turns) if asked.period[0] <= turn.time < asked.period[1]}
    return bool(found) and found[0] in said if said else None


def _sessions(row: Mapping[str, Any]) -> LabelledHistory:
    turns: list[PastTurn] = []
    rows: dict[str, int] = {}
    number = 1
    while f"session_{number}" in row:
        when = datetime.strptime(row[f"session_{number}_date_time"], _SESSION_TIME).replace(tzinfo=UTC)
        for said in row[f"session_{number}"]:
            rows[said["dia_id"]] = len(turns)
            turns.append(PastTurn(said["speaker"], said["text"], when, str(number)))
        number += 1
    questions = [Labelled(str(asked["question"]), _evidence(asked, rows)) for asked in row["qa"]]
    names = {speaker: speaker for speaker in sorted({turn.speaker for turn in turns})}
    return LabelledHistory(turns, questions, names)


def _evidence(asked: Mapping[str, Any], rows: Mapping[str, int]) -> frozenset[int]:
    """Some labels name several turns in one text, some a turn that does not exist."""
    named = [f"D{session}:{turn}" for label in asked.get("evidence", ()) for session, turn in _EVIDENCE.findall(label)]
    return frozenset(rows[name] for name in named if name in rows)


def _days(row: Mapping[str, Any]) -> LabelledHistory:
    turns: list[PastTurn] = []
    for day, exchanges in row["history"].items():
        when = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        for exchange in exchanges:
            turns.append(PastTurn("customer", exchange["query"], when, day))
            turns.append(PastTurn("shop", exchange["response"], when, day))
    return LabelledHistory(turns, [Labelled(text) for text in row["questions"]], {}, row["lang"])


def _recall(outcomes: Sequence[Outcome], k: int, *, by_words: bool = False) -> float | None:
    return _mean(
        [
            len(one.labelled.evidence.intersection((one.by_words if by_words else one.found)[:k]))
            / len(one.labelled.evidence)
            for one in outcomes
            if one.labelled.evidence
        ]
    )


def _any(outcomes: Sequence[Outcome], k: int) -> float | None:
    return _mean([bool(one.labelled.evidence.intersection(one.found[:k])) for one in outcomes if one.labelled.evidence])


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
