"""Gateway sessions: what each was told, so that a broken connection can be resumed."""

from __future__ import annotations

import json
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.playground.discord.clock import Clock
from adapters.playground.discord.events import Event
from adapters.playground.discord.model import Json

KEPT_DISPATCHES = 5_000
KEPT_SESSIONS = 256
RESUME_SECONDS = 180.0
IDENTIFIES_A_DAY = 1000
DAY_SECONDS = 86_400.0


@dataclass
class Session:
    """One identified shard; it outlives its connection for a while."""

    id: str
    intents: int
    shard: int
    shards: int
    sequence: int = 0
    detached_at: float | None = None
    """When its connection ended, None while it has one."""
    send: Callable[[str], None] | None = None
    dispatches: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_DISPATCHES))

    def dispatch(self, name: str, data: Json) -> None:
        """Numbers an event, keeps it, and sends it if there is a connection."""
        self.sequence += 1
        frame = json.dumps({"op": 0, "s": self.sequence, "t": name, "d": data})
        self.dispatches.append((self.sequence, frame))
        if self.send:
            self.send(frame)

    def tell(self, event: Event) -> None:
        """Dispatches an event that is meant for its shard and its intents."""
        if event.shard(self.shards) == self.shard and (data := event.data_for(self.intents)) is not None:
            self.dispatch(event.name, data)

    def missed_since(self, sequence: int) -> list[str] | None:
        """The frames after a number; None when they are not kept any more, or were never sent."""
        oldest = self.dispatches[0][0] if self.dispatches else self.sequence + 1
        if sequence > self.sequence or sequence < oldest - 1:
            return None
        return [frame for number, frame in self.dispatches if number > sequence]


class Sessions:
    """Those that are connected or can be resumed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_id: OrderedDict[str, Session] = OrderedDict()
        self._random = random.Random()
        self._repeated_share = 0.0

    def add(self, session: Session) -> None:
        self._by_id[session.id] = session
        if len(self._by_id) > KEPT_SESSIONS:
            self._by_id.popitem(last=False)

    def find(self, session_id: str) -> Session | None:
        """None when it is unknown, ended, or was left for too long."""
        self._drop_old()
        return self._by_id.get(session_id)

    def end(self, session: Session) -> None:
        """It cannot be resumed."""
        self._by_id.pop(session.id, None)
        session.send = None

    def detach(self, session: Session) -> None:
        """Its connection has ended."""
        session.send = None
        session.detached_at = self._clock.now()

    def tell(self, event: Event) -> None:
        self._drop_old()
        times = 2 if self._random.random() < self._repeated_share else 1
        for session in self._by_id.values():
            for _ in range(times):
                session.tell(event)

    def repeat(self, share: float, seed: int = 1) -> None:
        """From now on a random share (0 to 1) of the events is dispatched twice."""
        self._repeated_share = share
        self._random = random.Random(seed)

    @property
    def connected(self) -> list[Session]:
        return [session for session in self._by_id.values() if session.send]

    def _drop_old(self) -> None:
        oldest = self._clock.now() - RESUME_SECONDS
        gone = [each for each in self._by_id.values() if each.detached_at is not None and each.detached_at < oldest]
        for session in gone:
            self.end(session)


class Identifies:
    """How often sessions may begin: so many at once per `window` seconds, a thousand a day."""

    def __init__(self, clock: Clock, max_concurrency: int, window: float) -> None:
        self._clock = clock
        self._window = window
        self._recent: dict[int, float] = {}
        self._today: deque[float] = deque(maxlen=IDENTIFIES_A_DAY)
        self.max_concurrency = max_concurrency
        self.violations: Counter[int] = Counter()
        """By rate limit key (shard modulo `max_concurrency`)."""

    def take(self, shard: int) -> bool:
        """Whether the shard may begin now."""
        now, key = self._clock.now(), shard % self.max_concurrency
        if now - self._recent.get(key, 0.0) < self._window:
            self.violations[key] += 1
            return False
        self._recent[key] = now
        self._today.append(now)
        return True

    def payload(self) -> Json:
        """The `session_start_limit` of GET /gateway/bot."""
        now = self._clock.now()
        used = [at for at in self._today if at > now - DAY_SECONDS]
        return {
            "total": IDENTIFIES_A_DAY,
            "remaining": IDENTIFIES_A_DAY - len(used),
            "reset_after": int((used[0] + DAY_SECONDS - now) * 1000) if used else 0,
            "max_concurrency": self.max_concurrency,
        }
