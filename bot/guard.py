"""The first stage: what may go on to be answered, and what only gets a polite word."""

from __future__ import annotations

import time
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.messages import Turn

CUSTOMERS_REMEMBERED = 10_000
MINUTE = 60.0
UNREAD = "attachment_unread"
"""The objection to files without a word."""


def clean(text: str) -> str:
    """The text without control characters and with its white space folded; line breaks stay.

    Directional marks go too: they turn the order of what an operator reads. Joiners inside of emoji stay.
    """
    kept = (character for character in text.replace("\r\n", "\n") if _readable(character))
    lines = (" ".join(line.split()) for line in "".join(kept).split("\n"))
    return "\n".join(line for line in lines if line)


def _readable(character: str) -> bool:
    category = unicodedata.category(character)
    return character in "\n\t\u200c\u200d" or category not in {"Cc", "Cf", "Cs", "Co"}


class Guard:
    """Bounds of a single customer: how long a message may be and how many may come in a minute."""

    def __init__(
        self, message_characters: int, messages_per_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._characters = message_characters
        self._per_minute = messages_per_minute
        self._clock = clock
        self._recent: OrderedDict[str, deque[float]] = OrderedDict()

    def objection(self, turn: Turn) -> str | None:
        """The key of the phrase that refuses the turn, None when it may go on."""
        if self._too_fast(turn.conversation.customer_id, len(turn.messages)):
            return "too_fast"
        if any(len(message.text) > self._characters for message in turn.messages):
            return "too_long"
        if not any(clean(message.text) for message in turn.messages):
            return UNREAD if any(message.attachments for message in turn.messages) else "empty"
        return None

    def _too_fast(self, customer: str, messages: int) -> bool:
        now = self._clock()
        recent = self._recent.setdefault(customer, deque(maxlen=self._per_minute + 1))
        self._recent.move_to_end(customer)
        if len(self._recent) > CUSTOMERS_REMEMBERED:
            self._recent.popitem(last=False)
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        recent.extend([now] * messages)
        return len(recent) > self._per_minute
