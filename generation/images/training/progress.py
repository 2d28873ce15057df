"""Where a run stands, for whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`share` of the whole is 0 to 1; `losses` are means over the last steps, by name."""

    step: int
    share: float
    losses: Mapping[str, float]
    pictures_per_second: float
    seconds_left: float
