"""The platform's rate limits, counted always and enforced if wanted.

core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about one message per second in one chat with
short bursts tolerated, 20 per minute in one group, about 30 per second over all. Edits have no published rate of
their own and are counted as messages. Previews of drafts are made for many steps a second: they count only over all.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from adapters.playground.telegram.errors import too_many_requests

_KEPT_VIOLATIONS = 1000


@dataclass(frozen=True)
class Rates:
    """What is allowed; times in seconds."""

    chat_burst: int = 3
    chat_interval: float = 1.0
    group_messages: int = 20
    group_window: float = 60.0
    overall_messages: int = 30
    overall_window: float = 1.0


@dataclass(frozen=True)
class Violation:
    """A request that came too early; `retry_after` in seconds is how much."""

    time: float
    chat: str
    limit: str
    retry_after: float


class Window:
    """At most `size` messages in any `seconds`."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size, self._seconds = size, seconds
        self._times: deque[float] = deque(maxlen=size)

    def wait(self, now: float, count: int) -> float:
        """Seconds until `count` more messages are allowed."""
        free = self._size - len(self._times)
        if count <= free or not self._times:
            return 0.0
        oldest = self._times[min(count - free, len(self._times)) - 1]
        return max(0.0, oldest + self._seconds - now)

    def add(self, now: float, count: int) -> None:
        """Counts messages."""
        self._times.extend([now] * count)


class Bucket:
    """Refilled by one each `interval` seconds, up to `size`."""

    def __init__(self, size: int, interval: float) -> None:
        self._size, self._interval = size, interval
        self._full_at = -math.inf

    def wait(self, now: float, count: int) -> float:
        """Seconds until `count` more messages are allowed; an album as large as the bucket or larger waits for all."""
        wanted = min(count, self._size)
        return max(0.0, self._full_at - (self._size - wanted) * self._interval - now)

    def add(self, now: float, count: int) -> None:
        """Counts messages."""
        self._full_at = max(self._full_at, now) + count * self._interval


@dataclass
class _Chat:
    bucket: Bucket
    window: Window | None


class Limits:
    """Counts what is sent. With `strict`, what comes too early is refused with 429; otherwise it is only noted."""

    def __init__(
        self,
        rates: Rates,
        strict: bool,
        clock: Callable[[], float] = time.monotonic,
        chats: int = 20_000,
    ) -> None:
        self.rates = rates
        self.strict = strict
        self._clock = clock
        self._kept = chats
        self.reset()

    def reset(self) -> None:
        """Forgets everything that was counted."""
        self._overall = Window(self.rates.overall_messages, self.rates.overall_window)
        self._chats: OrderedDict[str, _Chat] = OrderedDict()
        self._closed: OrderedDict[tuple[str, str], float] = OrderedDict()
        self.violations: deque[Violation] = deque(maxlen=_KEPT_VIOLATIONS)
        self.violation_count = 0
        self.messages = 0

    def charge(self, chat: str, *, group: bool, count: int = 1) -> None:
        """Counts `count` messages (or edits) to a chat. Raises ApiError 429 if they come too early and it is strict."""
        now = self._clock()
        known = self._chat(chat, group)
        waits = {"chat": known.bucket.wait(now, count), "overall": self._overall.wait(now, count)}
        if known.window:
            waits["group"] = known.window.wait(now, count)
        self._judge(now, chat, waits)
        known.bucket.add(now, count)
        if known.window:
            known.window.add(now, count)
        self._overall.add(now, count)
        self.messages += count

    def charge_draft(self, chat: str) -> None:
        """Counts a preview of a message. Raises ApiError 429 if it comes too early and it is strict."""
        now = self._clock()
        self._judge(now, chat, {"overall": self._overall.wait(now, 1)})
        self._overall.add(now, 1)

    def close(self, subject: str, method: str, retry_after: float) -> None:
        """Remembers a 429 that was answered: the method must not be tried there before that time."""
        self._closed[subject, method] = self._clock() + retry_after
        self._closed.move_to_end((subject, method))
        if len(self._closed) > self._kept:
            self._closed.popitem(last=False)

    def check_patience(self, subject: str, method: str) -> None:
        """Notes a request that does not wait as long as an earlier 429 has said."""
        wait = self._closed.pop((subject, method), 0.0) - self._clock()
        if wait > 0:
            self._note(Violation(self._clock(), subject, "retry_after", wait))

    def _judge(self, now: float, chat: str, waits: dict[str, float]) -> None:
        limit, wait = max(waits.items(), key=lambda item: item[1])
        if wait <= 0:
            return
        self._note(Violation(now, chat, limit, wait))
        if self.strict:
            raise too_many_requests(math.ceil(wait))

    def _note(self, violation: Violation) -> None:
        self.violation_count += 1
        self.violations.append(violation)

    def _chat(self, chat: str, group: bool) -> _Chat:
        known = self._chats.get(chat)
        if known is None:
            window = Window(self.rates.group_messages, self.rates.group_window) if group else None
            known = self._chats[chat] = _Chat(Bucket(self.rates.chat_burst, self.rates.chat_interval), window)
            if len(self._chats) > self._kept:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat)
        return known
