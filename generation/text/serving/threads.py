"""How many threads one pass takes: measured, because a second core helps only where it is free.

Other work on the machine comes and goes, so the quickest of several tries is what counts, and the choice is looked
at again in a quiet moment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import torch

ROUNDS = 5
SECONDS = 0.5  # no more is spent on measuring
EVERY = 60.0  # seconds between two measurements
GAIN = 0.9  # of the time with all cores: what fewer threads must stay below to be chosen


def available_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Threads:
    """The number of threads of the passes that the calling thread makes."""

    def __init__(self, fixed: int | None = None, cores: int | None = None) -> None:
        """`fixed` if somebody chose; else 1 to `cores`, of which one is left to others where there are four or more."""
        cores = cores or available_cores()
        self._candidates = [fixed] if fixed else _candidates(cores if cores < 4 else cores - 1)
        self._due = 0.0

    def choose(self, work: Callable[[], object]) -> None:
        """Sets the number with which `work` is quickest, unless it was measured within the last minute."""
        if time.monotonic() < self._due:
            return
        torch.set_num_threads(quickest(work, self._candidates))
        self._due = time.monotonic() + EVERY if len(self._candidates) > 1 else float("inf")


def quickest(work: Callable[[], object], candidates: list[int]) -> int:
    """The number of threads with which `work` is quickest; the largest one if others gain little."""
    if len(candidates) == 1:
        return candidates[0]
    times = dict.fromkeys(candidates, float("inf"))
    begun = time.monotonic()
    for _ in range(ROUNDS):
        for threads in candidates:
            torch.set_num_threads(threads)
            times[threads] = min(times[threads], seconds_of(work))
        if time.monotonic() - begun > SECONDS:
            break
    best = min(candidates, key=lambda threads: times[threads])
    return best if times[best] < GAIN * times[candidates[-1]] else candidates[-1]


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _candidates(most: int) -> list[int]:
    """1, 2, 4 and so on, and all of them."""
    powers = [2**power for power in range(most.bit_length()) if 2**power < most]
    return [*powers, most]
