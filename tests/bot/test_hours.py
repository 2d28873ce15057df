"""When the team is there, and when it is back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.hours import OpeningHours

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = "mon-fri 09:00-17:00, sat 10:00-14:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("hours", "now", "back"),
    [
        ("", "2026-11-22T03:00", None),
        (WEEK, "2026-11-24T09:00", None),
        (WEEK, "2026-11-24T16:59", None),
        (WEEK, "2026-11-24T17:00", "2026-11-25T09:00"),
        (WEEK, "2026-11-24T08:59", "2026-11-24T09:00"),
        (WEEK, "2026-11-27T18:00", "2026-11-28T10:00"),
        (WEEK, "2026-11-28T14:00", "2026-11-30T09:00"),
        ("fri-mon 8:00-9:00", "2026-11-24T12:00", "2026-11-27T08:00"),
        ("tue 8:00-9:00", "2026-11-24T12:00", "2026-12-01T08:00"),
        ("tue 8:00-9:00, tue 13:00-14:00", "2026-11-24T12:00", "2026-11-24T13:00"),
    ],
)
def test_when_the_team_is_back(hours: str, now: str, back: str | None) -> None:
    assert OpeningHours.parse(hours).next_opening(at(now)) == (at(back) if back else None)


@pytest.mark.parametrize("hours", ["always", "mon 9-17", "mon-fry 09:00-17:00", "mon 25:00-26:00", "mon 17:00-09:00"])
def test_hours_that_cannot_be_read_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match=r"not a day|not a time|closes before"):
        OpeningHours.parse(hours)
