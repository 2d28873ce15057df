"""What has been read of customers' turns, kept for a while so that a long history is not read anew for each message."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.knowledge.analysis import terms
from bot.memory.index import Reading
from bot.memory.question import is_about_the_past
from bot.messages import Said
from bot.protocols import Embedder

CUSTOMERS = 64
KEPT_SECONDS = 900.0
READ_CHARACTERS = 1000
"""So much of a message is read; what somebody pastes is rarely asked for by its end."""


@dataclass(frozen=True, slots=True)
class MessageReading:
    """A message as it is indexed; `asks_back` is whether it only asks what was said before."""

    reading: Reading
    asks_back: bool


@dataclass
class _Kept:
    used: float
    readings: dict[str, MessageReading] = field(default_factory=dict)


class Readings:
    """Readings by customer and message, of the latest `customers`, for `seconds` after they were used.

    Only the readings of messages that are still asked for are kept: what is erased is gone with the next use.
    """

    def __init__(
        self,
        embedder: Embedder | None,
        *,
        customers: int = CUSTOMERS,
        seconds: float = KEPT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._embedder = embedder
        self._customers = customers
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def __len__(self) -> int:
        """How many customers' readings are kept."""
        return len(self._kept)

    def of(self, customer_id: str, said: Sequence[Said]) -> list[MessageReading]:
        """The readings of a customer's messages, in their order. Blocking: call off the loop."""
        known = kept.readings if (kept := self._kept.get(customer_id)) else {}
        new = [each for each in said if each.message_id not in known]
        known = known | dict(zip((each.message_id for each in new), self._read(new), strict=True))
        self._keep(customer_id, {each.message_id: known[each.message_id] for each in said})
        return [known[each.message_id] for each in said]

    def forget(self, customer_id: str) -> None:
        """Drops what is kept of a customer."""
        self._kept.pop(customer_id, None)

    def _keep(self, customer_id: str, readings: dict[str, MessageReading]) -> None:
        now = self._clock()
        self._kept[customer_id] = _Kept(now, readings)
        self._kept.move_to_end(customer_id)
        while len(self._kept) > self._customers or next(iter(self._kept.values())).used < now - self._seconds:
            self._kept.popitem(last=False)

    def _read(self, said: Sequence[Said]) -> list[MessageReading]:
        texts = [each.text[:READ_CHARACTERS] for each in said]
        vectors = self._embedder.encode(texts) if self._embedder and texts else [None] * len(texts)
        readings = [Reading(terms(text), vector) for text, vector in zip(texts, vectors, strict=True)]
        return [
            MessageReading(reading, each.role == "user" and is_about_the_past(each.text))
            for reading, each in zip(readings, said, strict=True)
        ]
