"""The numbers by which messages wait and turns are handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.messages import Message

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

    def together(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The first of these that one reply answers: those before a command, or the command with the files that came
        behind it without a word, as the other photos of an album do.

        A command is answered in its own place (a platform waits for the reply to just this one), and would not
        be understood among other words.
        """
        end = next((place for place, message in enumerate(messages) if _is_command(message)), len(messages))
        if end == 0:
            others = enumerate(messages[1:], 1)
            end = next((place for place, message in others if not _is_mere_file(message)), len(messages))
        return tuple(messages[:end])

    def settled(self, channel: str, first: datetime, latest: datetime, settles_at: datetime | None = None) -> datetime:
        """When a burst with these first and latest messages counts as over, which is not before `settles_at`."""
        over = latest
        if channel not in self.immediate_channels:
            over = min(latest + self.window, first + LONGEST_BURST * self.window)
        return max(over, settles_at) if settles_at else over


def _is_mere_file(message: Message) -> bool:
    return bool(message.attachments) and not message.text.strip()


def _is_command(message: Message) -> bool:
    return message.text.lstrip().startswith("/")
