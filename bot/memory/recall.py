"""Finds what was said before, by one person and to them, that matters for what they write now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.answers import rarity
from bot.memory import question
from bot.memory.index import Array as Vector
from bot.memory.index import Asked, Found, PastTurn, TurnIndex
from bot.memory.question import Side, Wanted, is_about_the_past
from bot.memory.readings import Readings
from bot.memory.times import Period
from bot.messages import Request, Said
from bot.protocols import Embedder, Memories

MOST = 1000
"""So many of the latest messages are looked through."""
SITTING = timedelta(hours=6)
"""A silence that is longer ends a sitting."""
LEAST_COVER, LEAST_NEAR = 0.5, 0.6
"""A message is about the subject when it (or the one before it) has half of its words by weight, or when it means
nearly the same."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A message from before. `score` orders those of one search, `cover` and `near` are `bot.memory.index.Found`'s;
    `answer` is what the shop said right after it, if the customer said it."""

    said: Said
    score: float
    cover: float
    near: float
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

    def wanted(self, text: str) -> Wanted:
        """What a message wants to know of earlier ones."""
        return question.read(text, self._clock(), self._zone)

    async def find(self, request: Request, wanted: Wanted, k: int) -> Sequence[Recalled]:
        """The k best of the earlier messages, best first."""
        said = await self._memories.said(request.turn.messages[-1].id, limit=MOST)
        if not said:
            return ()
        customer = request.turn.conversation.customer_id
        async with self._reading:
            return await asyncio.to_thread(self._search, customer, said, wanted, request.language, k)

    async def forget(self, customer_id: str) -> None:
        """Drops everything that is kept in memory of a customer."""
        async with self._reading:
            self._readings.forget(customer_id)

    def _search(
        self, customer: str, said: Sequence[Said], wanted: Wanted, language: str, k: int
    ) -> tuple[Recalled, ...]:
        told, turns = arranged(said)
        index = TurnIndex(turns, self._readings.of(customer, told), self._rarity)
        vector = self._vector(wanted.text, language)
        period = _last_time(turns, self._clock()) if wanted.last_time else wanted.period
        found = index.search(Asked(wanted.text, vector, wanted.sides, period), k)
        return tuple(_recalled(each, told) for each in found)

    def _vector(self, text: str, language: str) -> Vector | None:
        if self._embedder is None or language not in self._embedder.languages:
            return None
        vector: Vector = self._embedder.encode([text])[0]
        return vector


def arranged(said: Sequence[Said]) -> tuple[list[Said], list[PastTurn]]:
    """The messages sitting by sitting, and as turns; without those that only asked what had been said, and the
    replies to them."""
    sitting: dict[str, str] = {}
    latest: dict[str, Said] = {}
    kept = []
    for each in said:
        before = latest.get(each.conversation_id)
        latest[each.conversation_id] = each
        if before is None or each.created_at - before.created_at > SITTING:
            sitting[each.conversation_id] = each.message_id
        asks = each.role == "user" and is_about_the_past(each.text)
        answers = (
            each.role != "user" and before is not None and before.role == "user" and is_about_the_past(before.text)
        )
        if not (asks or answers):
            kept.append((each, sitting[each.conversation_id]))
    order = {name: number for number, (_, name) in reversed(list(enumerate(kept)))}
    kept.sort(key=lambda each: order[each[1]])
    return [each for each, _ in kept], [PastTurn(_side(each), each.text, each.created_at, name) for each, name in kept]


def _side(said: Said) -> Side:
    return "customer" if said.role == "user" else "shop"


def _last_time(turns: Sequence[PastTurn], now: datetime) -> Period | None:
    """The latest sitting that is over, or the one that goes on when there is no other."""
    periods: dict[str, Period] = {}
    for turn in turns:
        start, _ = periods.get(turn.sitting, (turn.time, turn.time))
        periods[turn.sitting] = start, turn.time + timedelta(microseconds=1)
    over = [period for period in periods.values() if now - period[1] > SITTING]
    return max(over or periods.values(), key=lambda period: period[1], default=None)


def _recalled(found: Found, told: Sequence[Said]) -> Recalled:
    said, after = told[found.row], told[found.row + 1 : found.row + 2]
    answered = said.role == "user" and after and after[0].role != "user" and _follows(said, after[0])
    return Recalled(said, found.score, found.cover, found.near, after[0] if answered else None)


def _follows(said: Said, other: Said) -> bool:
    return said.conversation_id == other.conversation_id and other.number > said.number
