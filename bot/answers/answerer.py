"""A question becomes an answer from the operator's passages, or an honest "I do not know"."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.answers import confidence, rarity
from bot.answers.checks import verified
from bot.answers.confidence import Gate
from bot.answers.question import Question, Reader
from bot.answers.selection import Candidate
from bot.answers.spans import point
from bot.answers.titles import nearest
from bot.answers.wording import word
from bot.context import Background
from bot.messages import Citation, Evidence, Query
from bot.protocols import Embedder, Retriever, TextEngine

_FOUND = 20
_NEAREST = 3
BUILT_IN = "builtin"
"""The name of an engine with the model that comes with Parley; while it works an engine may get another."""
_LONG, _LONG_CHINESE = 220, 80
"""Characters from which on an answer is long."""


FindBackground = Callable[[], Awaitable[Background]]


async def nothing_known() -> Background:
    """Of nobody in particular."""
    return Background()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known about a question.

    `text` and `citations` are the best answer there is, given or not; `answered` says whether `confidence`, the
    probability that it is right, reaches the threshold. `point` are the few words of a
    long text that were asked for, empty where there are none. `nearest` are titles to offer instead of an answer.
    `evidence` is all that the whole conversation finds, best first; `trace` says why (plain JSON values).
    """

    text: str
    citations: tuple[Citation, ...]
    confidence: float
    answered: bool
    point: str = ""
    nearest: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    trace: Mapping[str, Any] = field(default_factory=dict)


class Answerer:
    """Answers questions from passages.

    `wording` is `quote` (the passage's own sentences), `model` (the engine words them, if it keeps to them) or
    `auto` (the engine, unless it is the built-in one). `threshold` None takes the gate's.
    """

    def __init__(
        self,
        retriever: Retriever,
        gate: Gate,
        engine: TextEngine | None = None,
        *,
        embedder: Embedder | None = None,
        wording: Literal["auto", "quote", "model"] = "auto",
        threshold: float | None = None,
        persona: str = "",
        wording_seconds: float = 4.0,
    ) -> None:
        self._retriever = retriever
        self._gate = gate
        self._engine = engine if wording != "quote" else None
        self._words_always = wording == "model"
        self._reader = Reader(rarity.load(), embedder)
        self._reading = asyncio.Lock()
        self.threshold = gate.threshold if threshold is None else threshold
        self._persona = persona
        self._wording_seconds = wording_seconds

    async def answer(self, query: Query, background: FindBackground = nothing_known) -> Answer:
        """The answer with its confidence; without knowledge or candidates it is empty, with confidence 0.

        A question is read on its own and after the turns before it; the reading that is answered with more
        confidence counts, so that a follow-up is understood and a new subject is not pulled back to the old one.
        `background` is asked for what is known of who asks, if a model words the answer.
        """
        started = time.perf_counter()
        readings = [replace(query, history=()), query] if query.history else [query]
        answers = [await self._read(reading) for reading in readings]
        best = max(answers, key=lambda each: each.confidence)
        found = [*answers[-1].evidence, *best.evidence]
        answer = replace(best, evidence=tuple({item.passage.id: item for item in found}.values()))
        selected = time.perf_counter()
        if answer.answered and self._engine and (self._words_always or self._engine.name != BUILT_IN):
            answer = await self._worded(query, answer, self._engine, await background())
        seconds = {"select": round(selected - started, 4), "word": round(time.perf_counter() - selected, 4)}
        return replace(answer, trace={**answer.trace, "seconds": seconds})

    async def _read(self, query: Query) -> Answer:
        evidence = tuple(await self._retriever.search(query, _FOUND))
        async with self._reading:
            return await asyncio.to_thread(self._select, query, evidence)

    def _select(self, query: Query, evidence: Sequence[Evidence]) -> Answer:
        question = self._reader.question(query)
        candidates = self._gate.selector.candidates(question, evidence, self._reader)
        titles = nearest(query, [item.passage for item in evidence], _NEAREST)
        if not candidates:
            trace = {"passages": _passages(evidence)}
            return Answer("", (), 0.0, False, nearest=titles, evidence=tuple(evidence), trace=trace)
        best = candidates[0]
        features = confidence.features(question, evidence, candidates, self._reader)
        probability = self._gate.probability(features)
        if confidence.is_named(question, evidence, best, self._reader):
            probability = max(probability, confidence.NAMED)
        first = _point(question, best)
        return Answer(
            best.text,
            _verified_citations(best),
            probability,
            probability >= self.threshold,
            first,
            titles,
            tuple(evidence),
            {
                "passages": _passages(evidence),
                "candidates": [_summary(candidate) for candidate in candidates],
                "features": {name: round(value, 4) for name, value in features.items()},
                "threshold": self.threshold,
            },
        )

    async def _worded(self, query: Query, answer: Answer, engine: TextEngine, background: Background) -> Answer:
        quotes = [citation.quote for citation in answer.citations]
        wording = await word(
            engine, query, quotes, persona=self._persona, timeout=self._wording_seconds, background=background
        )
        trace = {
            "model": engine.name,
            "text": wording.text,
            "accepted": wording.accepted,
            "reason": wording.reason,
            "prompt": wording.prompt,
            "failed": {outcome.name: outcome.detail for outcome in wording.checks if not outcome.passed},
        }
        if wording.accepted:
            answer = replace(answer, text=wording.text, point="")
        return replace(answer, trace={**answer.trace, "wording": trace})


def _point(question: Question, best: Candidate) -> str:
    """The few words of a long answer that are asked for."""
    if len(best.text) < (_LONG_CHINESE if question.is_chinese else _LONG):
        return ""
    sentence = best.reading.text(best.best)
    span = point(question, sentence)
    return sentence[slice(*span)] if span else ""


def _verified_citations(candidate: Candidate) -> tuple[Citation, ...]:
    return tuple(citation for citation in candidate.citations if verified(citation, candidate.reading.passage))


def _passages(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [
        {
            "id": item.passage.id,
            "title": item.passage.title,
            "score": round(item.score, 4),
            "features": _rounded(item.features),
        }
        for item in evidence[:5]
    ]


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in values.items()}


def _summary(candidate: Candidate) -> dict[str, Any]:
    return {
        "passage": candidate.reading.passage.id,
        "score": round(candidate.score, 4),
        "quotes": list(candidate.quotes),
    }
