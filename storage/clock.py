"""What time it is; handed in wherever it matters, so that a test can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The aware time in UTC."""
    return datetime.now(UTC)
