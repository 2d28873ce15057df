"""Business hours: `mon-fri 09:00-17:00, sat 10:00-14:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+(?P<opens>\d{1,2}:\d{2})-(?P<closes>\d{1,2}:\d{2})", re.IGNORECASE
)
_EXAMPLE = "Write for example `mon-fri 09:00-17:00, sat 10:00-14:00`"


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Spans of (weekday, opens, closes), in the team's own time zone; without any it is always open."""

    spans: tuple[tuple[int, time, time], ...] = ()

    @classmethod
    def parse(cls, text: str) -> OpeningHours:
        """Raises ValueError with what is wrong and an example."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return cls(tuple(span for part in parts for span in _spans(part)))

    def next_opening(self, now: datetime) -> datetime | None:
        """When the team is back, in the zone of `now`; None while it is there."""
        starts = []
        for ahead in range(8):
            day = now + timedelta(days=ahead)
            for weekday, opens, closes in self.spans:
                if weekday != day.weekday():
                    continue
                if ahead == 0 and opens <= now.time() < closes:
                    return None
                start = datetime.combine(day.date(), opens, tzinfo=now.tzinfo)
                if start > now:
                    starts.append(start)
        return min(starts, default=None)


def _spans(part: str) -> list[tuple[int, time, time]]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"{part!r} is not a day with its hours. {_EXAMPLE}")
    first, last = _day(match["first"]), _day(match["last"] or match["first"])
    opens, closes = _time(match["opens"]), _time(match["closes"])
    if opens >= closes:
        raise ValueError(f"{part!r} closes before it opens. {_EXAMPLE}")
    count = (last - first) % len(DAYS) + 1
    return [((first + offset) % len(DAYS), opens, closes) for offset in range(count)]


def _day(name: str) -> int:
    if name.lower() not in DAYS:
        raise ValueError(f"{name!r} is not a day; the days are {', '.join(DAYS)}")
    return DAYS.index(name.lower())


def _time(text: str) -> time:
    hour, minute = map(int, text.split(":"))
    try:
        return time(hour, minute)
    except ValueError:
        raise ValueError(f"{text!r} is not a time of day. {_EXAMPLE}") from None
