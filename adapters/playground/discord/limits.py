"""How often the bot may ask: buckets per route and major parameter, and fifty a second over all."""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.playground.discord.clock import Clock

GLOBAL_REQUESTS = 50
INVALID_REQUESTS = 10_000
INVALID_SECONDS = 600.0
KEPT_BUCKETS = 20_000


@dataclass(frozen=True)
class Rule:
    """So many requests in so many seconds, from the first of them on."""

    requests: int
    seconds: float


MESSAGES = "/channels/{channel_id}/messages"
WEBHOOK = "/webhooks/{application_id}/{token}"

RULES: Mapping[str, Rule] = {
    f"POST {MESSAGES}": Rule(5, 5.0),
    f"GET {MESSAGES}": Rule(5, 5.0),
    f"PATCH {MESSAGES}/{{message_id}}": Rule(5, 5.0),
    f"DELETE {MESSAGES}/{{message_id}}": Rule(5, 1.0),
    f"PUT {MESSAGES}/{{message_id}}/reactions/{{emoji}}/@me": Rule(1, 0.25),
    f"DELETE {MESSAGES}/{{message_id}}/reactions/{{emoji}}/@me": Rule(1, 0.25),
    f"POST {MESSAGES}/{{message_id}}/threads": Rule(50, 300.0),
    "POST /channels/{channel_id}/threads": Rule(50, 300.0),
    "POST /channels/{channel_id}/typing": Rule(5, 5.0),
    "PATCH /channels/{channel_id}": Rule(5, 15.0),
    "POST /users/@me/channels": Rule(10, 10.0),
    f"POST {WEBHOOK}": Rule(5, 2.0),
    f"PATCH {WEBHOOK}/messages/@original": Rule(5, 5.0),
    f"PATCH {WEBHOOK}/messages/{{message_id}}": Rule(5, 5.0),
    "PUT /applications/{application_id}/commands": Rule(20, 20.0),
    "PUT /applications/{application_id}/guilds/{guild_id}/commands": Rule(20, 20.0),
}
"""The real numbers are not published and may change: a client has to read the headers."""


@dataclass
class Bucket:
    rule: Rule
    name: str
    ends: float
    used: int = 0


@dataclass(frozen=True)
class Verdict:
    """May the request pass; what the headers say of it."""

    headers: dict[str, str]
    retry_after: float | None = None
    scope: str | None = None


@dataclass
class RateLimits:
    """Counts every violation, whether it is answered with a 429 or let through."""

    clock: Clock
    enforced: bool = True
    rules: dict[str, Rule] = field(default_factory=lambda: dict(RULES))
    global_requests: int = GLOBAL_REQUESTS
    violations: Counter[str] = field(default_factory=Counter)
    """By route, or `global`: requests beyond what the headers had told."""
    invalid: Counter[int] = field(default_factory=Counter)
    """By status: 401, 403 and 429, of which ten thousand in ten minutes are a ban."""

    def __post_init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self._recent: deque[float] = deque()
        self._recent_invalid: deque[float] = deque(maxlen=INVALID_REQUESTS)

    def take(self, route: str, major: str, *, is_global: bool) -> Verdict:
        """Counts a request; interactions are not part of the global limit."""
        now = self.clock.now()
        if is_global and (wait := self._wait_of_all(now)):
            self.violations["global"] += 1
            if self.enforced:
                return Verdict({}, wait, "global")
        if is_global:
            self._recent.append(now)
        rule = self.rules.get(route)
        return Verdict({}) if rule is None else self._take_of(self._bucket(route, major, rule, now), route, now)

    def count_invalid(self, status: int) -> None:
        """Notes an answer that counts towards the ban."""
        self.invalid[status] += 1
        self._recent_invalid.append(self.clock.now())

    @property
    def banned(self) -> bool:
        """Whether too many requests were invalid of late."""
        recent = self._recent_invalid
        return len(recent) == INVALID_REQUESTS and recent[0] > self.clock.now() - INVALID_SECONDS

    def _wait_of_all(self, now: float) -> float:
        """Seconds until the global limit lets another request pass."""
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        over = len(self._recent) - self.global_requests
        return self._recent[over] + 1.0 - now if over >= 0 else 0.0

    def _bucket(self, route: str, major: str, rule: Rule, now: float) -> Bucket:
        bucket = self._buckets.get((route, major))
        if bucket is None or bucket.ends <= now:
            name = hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()
            bucket = self._buckets[route, major] = Bucket(rule, name, now + rule.seconds)
            self._buckets.move_to_end((route, major))
            if len(self._buckets) > KEPT_BUCKETS:
                self._buckets.popitem(last=False)
        return bucket

    def _take_of(self, bucket: Bucket, route: str, now: float) -> Verdict:
        left = bucket.ends - now
        if bucket.used >= bucket.rule.requests:
            self.violations[route] += 1
            if self.enforced:
                return Verdict(_headers(bucket, left), left, "user")
        bucket.used += 1
        return Verdict(_headers(bucket, left))


def _headers(bucket: Bucket, left: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.rule.requests),
        "X-RateLimit-Remaining": str(max(0, bucket.rule.requests - bucket.used)),
        "X-RateLimit-Reset": f"{bucket.ends:.3f}",
        "X-RateLimit-Reset-After": f"{left:.3f}",
        "X-RateLimit-Bucket": bucket.name,
    }
