"""The numbers by which messages wait and turns are handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_BURST = 5
"""A burst is answered after so many coalescing windows even if it goes on."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`lease` is how long a claim holds without renewal, `window` how long a message waits for another of
    the same burst (but not on `immediate_channels`), `history` how many earlier messages a turn shows,
    `queue_limit` how many messages of all conversations together may be unhandled.
    """

    lease: timedelta
    window: timedelta
    immediate_channels: frozenset[str]
    queue_limit: int
    history: int

    def settled(self, channel: str, first: datetime, latest: datetime, settles_at: datetime | None = None) -> datetime:
        """When a burst with these first and latest messages counts as over, which is not before `settles_at`."""
        over = latest
        if channel not in self.immediate_channels:
            over = min(latest + self.window, first + LONGEST_BURST * self.window)
        return max(over, settles_at) if settles_at else over
