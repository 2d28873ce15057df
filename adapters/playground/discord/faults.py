"""Failures on demand: the next few requests, or a seeded share of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["error", "rate limit", "reset", "slow"]


@dataclass(frozen=True)
class Fault:
    """What happens instead of the answer.

    `error` answers with `status`; `rate limit` with 429 after `retry_after` seconds; `reset` cuts the connection;
    `slow` waits `seconds` and goes on. With `after_effect` the request is carried out before its answer is lost.
    `route` is one of the limits' names, such as `POST /channels/{channel_id}/messages`; None means any.
    """

    kind: Kind
    status: int = 502
    retry_after: float = 0.5
    scope: Literal["user", "shared", "global"] = "shared"
    seconds: float = 1.0
    after_effect: bool = False
    route: str | None = None


@dataclass
class _Planned:
    fault: Fault
    left: int


@dataclass
class _Share:
    fault: Fault
    share: float
    random: random.Random


@dataclass
class Faults:
    """The plan of failures; `happened` counts them."""

    happened: int = 0
    _planned: list[_Planned] = field(default_factory=list)
    _shares: list[_Share] = field(default_factory=list)

    def next(self, fault: Fault, times: int = 1) -> None:
        """The next requests of its route fail so."""
        self._planned.append(_Planned(fault, times))

    def share(self, fault: Fault, share: float, seed: int = 1) -> None:
        """From now on that share of the requests fails so."""
        self._shares.append(_Share(fault, share, random.Random(seed)))

    def clear(self) -> None:
        """Nothing fails any more."""
        self._planned.clear()
        self._shares.clear()

    def draw(self, route: str) -> Fault | None:
        """The fault of this request, if it has one."""
        fault = self._draw_planned(route) or self._draw_share(route)
        self.happened += fault is not None
        return fault

    def _draw_planned(self, route: str) -> Fault | None:
        for planned in self._planned:
            if planned.fault.route in (None, route):
                planned.left -= 1
                if not planned.left:
                    self._planned.remove(planned)
                return planned.fault
        return None

    def _draw_share(self, route: str) -> Fault | None:
        for each in self._shares:
            if each.fault.route in (None, route) and each.random.random() < each.share:
                return each.fault
        return None
