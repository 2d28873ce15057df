"""A person's past in order: sitting by sitting, each message with what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.memory.asking import Side
from bot.memory.index import PastTurn, Reading
from bot.memory.readings import MessageReading
from bot.memory.times import Period
from bot.messages import Said

SITTING = timedelta(hours=6)
"""A silence that is longer ends a sitting."""
_SAYS_NOTHING = frozenset({"chat", "command", "decline", "handoff"})


@dataclass(frozen=True, slots=True)
class Memory:
    """A message that may be recalled; `answer` is the reply that came next, if the customer said it."""

    said: Said
    reading: Reading
    sitting: str
    answer: Said | None

    @property
    def turn(self) -> PastTurn:
        """As the index takes it."""
        side: Side = "customer" if self.said.role == "user" else "shop"
        return PastTurn(side, self.said.text, self.said.created_at, self.sitting)


def memories(said: Sequence[Said], readings: Sequence[MessageReading]) -> list[Memory]:
    """Of messages (oldest first) those that can be recalled, sitting by sitting.

    What only asks what was said before is left out with its reply, and so are the bot's replies that say nothing.
    """
    sittings, answers = _sittings(said), _answers(said)
    asking_back = {each.message_id for each, reading in zip(said, readings, strict=True) if reading.asks_back}
    idle = {answers[name].message_id for name in asking_back if name in answers} | asking_back
    kept = [
        Memory(each, reading.reading, sittings[each.message_id], answers.get(each.message_id))
        for each, reading in zip(said, readings, strict=True)
        if each.message_id not in idle and not says_nothing(each)
    ]
    order = {sitting: number for number, sitting in enumerate(dict.fromkeys(sittings.values()))}
    return sorted(kept, key=lambda memory: order[memory.sitting])


def says_nothing(said: Said) -> bool:
    """Whether it is a reply of the bot that tells nothing of the matter."""
    return said.role == "assistant" and said.route in _SAYS_NOTHING


def last_time(past: Sequence[Memory], now: datetime) -> Period | None:
    """When the latest sitting was that is over, or the one that goes on if there is no other."""
    periods: dict[str, Period] = {}
    for memory in past:
        when = memory.said.created_at
        start, _ = periods.get(memory.sitting, (when, when))
        periods[memory.sitting] = start, when + timedelta(microseconds=1)
    over = [period for period in periods.values() if now - period[1] > SITTING]
    return max(over or periods.values(), key=lambda period: period[1], default=None)


def _sittings(said: Sequence[Said]) -> dict[str, str]:
    """The name of each message's sitting, by its id: what was said in one conversation without a long silence."""
    latest: dict[str, Said] = {}
    names: dict[str, str] = {}
    for each in said:
        before = latest.get(each.conversation_id)
        goes_on = before is not None and each.created_at - before.created_at <= SITTING
        names[each.message_id] = names[before.message_id] if before and goes_on else each.message_id
        latest[each.conversation_id] = each
    return names


def _answers(said: Sequence[Said]) -> dict[str, Said]:
    """The next reply in its conversation, by the id of each message of the customer."""
    coming: dict[str, Said] = {}
    found: dict[str, Said] = {}
    for each in reversed(said):
        if each.role != "user":
            coming[each.conversation_id] = each
        elif each.conversation_id in coming:
            found[each.message_id] = coming[each.conversation_id]
    return found
