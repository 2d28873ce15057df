"""Faults on demand: for the next requests, or for a random share of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from http import HTTPStatus

from adapters.playground.telegram.errors import OTHER_POLLER, ApiError, conflict
from adapters.playground.telegram.errors import too_many_requests as refused_for


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a request.

    `status` 0 cuts the connection without an answer; `delay` (seconds) makes the request slow, and with status 200
    that is all. `after_effect`: the request is carried out first, so that only its answer is lost.
    """

    status: int = 200
    retry_after: int = 1
    delay: float = 0.0
    after_effect: bool = False

    def error(self) -> ApiError:
        """The refusal with which it is answered, in the platform's words where they are known."""
        if self.status == 429:
            return refused_for(self.retry_after)
        if self.status == 409:
            return conflict(OTHER_POLLER)
        return ApiError(self.status, HTTPStatus(self.status).phrase)

    def __str__(self) -> str:
        what = {0: "connection reset", 200: f"slow by {self.delay} s"}.get(self.status, str(self.status))
        return f"{what} after the effect" if self.after_effect else what


def too_many_requests(retry_after: int = 1) -> Fault:
    """429 with `retry_after` seconds; the request has no effect."""
    return Fault(429, retry_after)


def server_error(status: int = 502, *, after_effect: bool = False) -> Fault:
    """500, or a proxy's 502 to 504, which are HTML and not JSON."""
    return Fault(status, after_effect=after_effect)


def connection_reset(*, after_effect: bool = False) -> Fault:
    """The connection ends without an answer."""
    return Fault(0, after_effect=after_effect)


def slow(seconds: float) -> Fault:
    """The request is carried out `seconds` later."""
    return Fault(delay=seconds)


@dataclass
class _Rule:
    fault: Fault
    method: str | None
    times: int | None
    share: float

    def applies(self, method: str, chance: random.Random) -> bool:
        if self.method not in (None, method) or self.times == 0:
            return False
        if chance.random() >= self.share:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """Which faults are to come; the random ones are repeatable by their seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._rules: list[_Rule] = []
        self.injected = 0

    def next(self, fault: Fault, *, method: str | None = None, times: int = 1) -> None:
        """The next `times` requests (of this method) get the fault."""
        self._rules.append(_Rule(fault, method, times, 1.0))

    def share(self, fault: Fault, share: float, *, method: str | None = None) -> None:
        """A random share (0 to 1) of all requests (of this method) gets the fault, until `clear`."""
        self._rules.append(_Rule(fault, method, None, share))

    def clear(self) -> None:
        """No more faults."""
        self._rules.clear()

    def draw(self, method: str) -> Fault | None:
        """The fault for a request that has just come, if it gets one; the rule given first goes first."""
        for rule in self._rules:
            if rule.applies(method, self._random):
                self._rules = [one for one in self._rules if one.times != 0]
                self.injected += 1
                return rule.fault
        return None
