"""What a message wants to know of earlier ones: about what, whose words, and from when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import regex

from bot.memory import times
from bot.memory.asking import ASKED, FRAME, FUNCTION_WORDS, LAST_TIME, SAYING, SAYING_CHINESE, Side

_WORD = regex.compile(r"\w+")
LONGEST = 300
"""Characters; who writes more than that tells something, and does not ask what was said."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text` is the subject, without the words about asking and telling and without the time; `sides` whose turns are
    meant (empty: anybody's); `period` when they were said, and `last_time` that the last time is meant."""

    text: str
    sides: frozenset[Side] = frozenset()
    period: times.Period | None = None
    last_time: bool = False


def read(text: str, now: datetime, zone: ZoneInfo, language: str = "en") -> Wanted:
    """The message as a question about what was said earlier, whatever it may be; a long one is its own subject."""
    if len(text) > LONGEST:
        return Wanted(text)
    sides = frozenset(side for side, pattern in ASKED if pattern.search(text))
    last_time = bool(LAST_TIME.search(text))
    rest = FRAME.sub(" ", LAST_TIME.sub(" ", text))
    if function_words := FUNCTION_WORDS.get(language):
        rest = function_words.sub(" ", rest)
    wanted = Wanted(" ".join(rest.split()), sides if len(sides) == 1 else frozenset(), last_time=last_time)
    when = times.find(rest, now, zone)
    if when is None:
        return wanted
    without_time = f"{rest[: when.start]} {rest[when.end :]}"
    return replace(wanted, text=" ".join(without_time.split()), period=when.period)


def is_about_the_past(text: str) -> bool:
    """Whether the message asks what was said, asked, promised or recommended earlier in this chat."""
    if len(text) > LONGEST:
        return False
    small = text.casefold()
    says = not SAYING.isdisjoint(_WORD.findall(small)) or not SAYING_CHINESE.isdisjoint(small)
    return says and any(pattern.search(text) for _, pattern in ASKED)
