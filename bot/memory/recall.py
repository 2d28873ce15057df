"""Finds what was said before, by one person and to them, that matters for what they write now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.answers import rarity
from bot.memory import question
from bot.memory.index import Array as Vector
from bot.memory.index import Asked, Found, TurnIndex
from bot.memory.past import Memory, last_time, memories
from bot.memory.question import Wanted
from bot.memory.readings import Readings
from bot.memory.summaries import from_summaries
from bot.messages import Request, Said
from bot.protocols import Embedder, Memories

MOST, MOST_SUMMARIES = 1000, 100
"""So many of the latest messages are looked through, and so many summaries of those before them."""
LEAST_COVER, LEAST_NEAR = 0.5, 0.6
"""A message is about the subject when it (with the question that it answers) has half of its words by weight, or
when it means nearly the same."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A message from before. `score` orders those of one search, `cover`, `near` and `in_period` are those of
    `bot.memory.index.Found`; `answer` is the reply that came next, if the customer said it."""

    said: Said
    score: float
    cover: float
    near: float
    in_period: bool = False
    answer: Said | None = None

    @property
    def is_about_it(self) -> bool:
        """Whether it is about what was looked for, and not only the nearest of what there is."""
        return self.cover >= LEAST_COVER or self.near >= LEAST_NEAR


class Recall:
    """Looks through what the writer of a message may be reminded of (`bot.protocols.Memories`)."""

    def __init__(
        self,
        memories: Memories,
        embedder: Embedder | None = None,
        *,
        zone: ZoneInfo,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._memories = memories
        self._embedder = embedder
        self._zone = zone
        self._clock = clock
        self._readings = Readings(embedder)
        self._reading = asyncio.Lock()
        self._rarity = rarity.load()

    def wanted(self, request: Request) -> Wanted:
        """What a message wants to know of earlier ones."""
        return question.read(request.text, self._clock(), self._zone, request.language)

    async def find(self, request: Request, wanted: Wanted, k: int) -> Sequence[Recalled]:
        """The k best of the earlier messages, best first."""
        customer = request.turn.conversation.customer_id
        async with self._reading:
            said = await self._said(request.turn.messages[-1].id)
            if not said:
                return ()
            return await asyncio.to_thread(self._search, customer, said, wanted, request.language, k)

    async def forget(self, customer_id: str) -> None:
        """Drops everything that is kept in memory of a customer whose messages are erased (`bot.protocols.Forgetful`).

        A search that read them before is awaited, so that it leaves nothing behind.
        """
        async with self._reading:
            self._readings.forget(customer_id)

    async def _said(self, message_id: str) -> Sequence[Said]:
        """The latest messages; of what was said before them the summaries, sentence by sentence."""
        said = await self._memories.said(message_id, limit=MOST)
        if len(said) < MOST:
            return said
        summaries = await self._memories.summaries(message_id, limit=MOST_SUMMARIES)
        return [*from_summaries(summaries, said), *said]

    def _search(
        self, customer: str, said: Sequence[Said], wanted: Wanted, language: str, k: int
    ) -> tuple[Recalled, ...]:
        past = memories(said, self._readings.of(customer, said))
        index = TurnIndex([memory.turn for memory in past], [memory.reading for memory in past], self._rarity)
        vector = self._vector(wanted.text, language)
        period = last_time(past, self._clock()) if wanted.last_time else wanted.period
        found = index.search(Asked(wanted.text, vector, wanted.sides, period), k)
        return tuple(_recalled(each, past[each.row]) for each in found)

    def _vector(self, text: str, language: str) -> Vector | None:
        if self._embedder is None or language not in self._embedder.languages:
            return None
        vector: Vector = self._embedder.encode([text])[0]
        return vector


def _recalled(found: Found, memory: Memory) -> Recalled:
    return Recalled(memory.said, found.score, found.cover, found.near, found.in_period, memory.answer)
