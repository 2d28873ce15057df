"""Who has to wake up after a transaction: waiting workers and senders of this process, and other processes.

Other processes hear of it by PostgreSQL's NOTIFY, sent within the transaction itself. On SQLite, where a
second process is the exception, they find the work when their wait ends.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Protocol

from sqlalchemy import Connection, text

from bot.messages import StreamEvent
from storage.clock import Clock
from storage.ids import new_id
from storage.waking.bell import Bell

TOPIC = "parley"


@dataclass(frozen=True, slots=True)
class Notice:
    """Whether turns are waiting, which channels have deliveries, and which replies were stored, each as
    (our conversation id, message id)."""

    work: bool = False
    channels: tuple[str, ...] = ()
    replies: tuple[tuple[str, str], ...] = ()


class Subscribed(Protocol):
    """Streams that know whether anybody listens, so that replies nobody waits for are not read."""

    def publish(self, event: StreamEvent) -> None: ...

    def has_subscribers(self, conversation_id: str) -> bool: ...


class Signals:
    """The bells of this process and the way to those of others."""

    def __init__(self, clock: Clock) -> None:
        self.work = Bell(clock)
        self._outboxes: dict[str, Bell] = {}
        self._clock = clock
        self._process = new_id("p")

    def outbox(self, channel: str) -> Bell:
        """The bell of a channel's sender."""
        return self._outboxes.setdefault(channel, Bell(self._clock))

    def ring(self, notice: Notice) -> None:
        """Wakes this process."""
        if notice.work:
            self.work.ring()
        for channel in notice.channels:
            self.outbox(channel).ring()

    def ring_all(self) -> None:
        """Wakes everyone here, as after a time in which notices may have been lost."""
        self.work.ring()
        for bell in self._outboxes.values():
            bell.ring()

    def announce(self, connection: Connection, notice: Notice) -> None:
        """Wakes other processes when the transaction of `connection` commits."""
        if connection.dialect.name == "postgresql":
            payload = json.dumps({"process": self._process, **asdict(notice)})
            connection.execute(text("SELECT pg_notify(:topic, :payload)"), {"topic": TOPIC, "payload": payload})

    def heard(self, payload: str) -> Notice | None:
        """Wakes this process by another one's notice, and returns it; None when it is our own."""
        content = json.loads(payload)
        if content.pop("process") == self._process:
            return None
        notice = Notice(content["work"], tuple(content["channels"]), tuple(map(tuple, content["replies"])))
        self.ring(notice)
        return notice

    def silence(self) -> None:
        """Takes back every alarm."""
        for bell in (self.work, *self._outboxes.values()):
            bell.silence()
