"""Times in words become periods."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory import times

NOW = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)  # a Thursday
ZONE = ZoneInfo("Europe/Berlin")


def days(text: str) -> tuple[str, str] | None:
    """The first and the last day of the period."""
    found = times.find(text, NOW, ZONE)
    if found is None:
        return None
    start, end = found.period
    return f"{start:%Y-%m-%d}", f"{end - timedelta(days=1):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("On May 2nd, which movie did I watch?", "2026-05-02", "2026-05-02"),
        ("on 20 January, 2023 I lost my job", "2023-01-20", "2023-01-20"),
        ("the 3rd of March 2024", "2024-03-03", "2024-03-03"),
        ("what did I say on 2025-12-24?", "2025-12-24", "2025-12-24"),
        ("Was habe ich am 2. Mai gefragt?", "2026-05-02", "2026-05-02"),
        ("le 1er mai", "2026-05-01", "2026-05-01"),
        ("el 2 de mayo de 2025", "2025-05-02", "2025-05-02"),
        ("在5月2号我买了什么？", "2026-05-02", "2026-05-02"),
        ("2025年6月3日", "2025-06-03", "2025-06-03"),
        ("what did we discuss on June 1?", "2025-06-01", "2025-06-01"),
        ("what did I order in April?", "2026-04-01", "2026-04-30"),
        ("我们在4月聊了什么", "2026-04-01", "2026-04-30"),
        ("yesterday", "2026-05-13", "2026-05-13"),
        ("the day before yesterday", "2026-05-12", "2026-05-12"),
        ("avant-hier", "2026-05-12", "2026-05-12"),
        ("昨天我问了什么", "2026-05-13", "2026-05-13"),
        ("earlier today", "2026-05-14", "2026-05-14"),
        ("what did I ask you last week about my order?", "2026-05-04", "2026-05-10"),
        ("la semana pasada", "2026-05-04", "2026-05-10"),
        ("上周", "2026-05-04", "2026-05-10"),
        ("letzten Monat", "2026-04-01", "2026-04-30"),
        ("3 days ago", "2026-05-11", "2026-05-11"),
        ("vor zwei Wochen", "2026-04-27", "2026-05-03"),
        ("a few days ago", "2026-05-09", "2026-05-13"),
        ("last Monday", "2026-05-11", "2026-05-11"),
        ("on Thursday", "2026-05-07", "2026-05-07"),
    ],
)
def test_a_time_in_words_is_a_period(text: str, first: str, last: str) -> None:
    assert days(text) == (first, last)


@pytest.mark.parametrize(
    "text", ["May I ask something?", "mayday", "February 31", "5月32号", "the march of time", "", "Mars"]
)
def test_what_names_no_time_is_none(text: str) -> None:
    assert days(text) is None


def test_the_words_of_a_time_can_be_taken_out() -> None:
    text = "what did I ask last week about boots?"
    found = times.find(text, NOW, ZONE)
    assert found is not None
    assert text[: found.start] + text[found.end :] == "what did I ask  about boots?"


def test_a_day_is_that_of_the_zone() -> None:
    late = datetime(2026, 5, 14, 23, 30, tzinfo=UTC)
    found = times.find("yesterday", late, ZoneInfo("Asia/Shanghai"))
    assert found is not None
    assert found.period[0].isoformat() == "2026-05-14T00:00:00+08:00"


@given(st.text(alphabet="0123456789月日号年 aMmyJune.-thago天days上周", max_size=40))
def test_any_text_is_read(text: str) -> None:
    found = times.find(text, NOW, ZONE)
    assert found is None or (found.period[0] < found.period[1] and 0 <= found.start < found.end <= len(text))
