"""How many threads one pass takes: measured, because a second core helps only where it is free."""

from __future__ import annotations

import os
import time
from statistics import median

import torch

from generation.text.model import GPT2
from generation.text.serving.cache import Branch, BranchAttention
from generation.text.serving.decoder import Decoder

TOKENS = 64
ROUNDS = 3


def available_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def quickest_threads(model: GPT2, cores: int) -> int:
    """The number of threads, 1 to `cores`, with which the model is quickest here and now.

    From four cores on, one is left to the event loop and the database.
    """
    candidates = _candidates(cores if cores < 4 else cores - 1)
    if len(candidates) == 1:
        return 1
    decoder, before = Decoder(model), torch.get_num_threads()
    times: dict[int, list[float]] = {threads: [] for threads in candidates}
    for _ in range(ROUNDS):
        for threads in candidates:
            torch.set_num_threads(threads)
            times[threads].append(_seconds(decoder))
    torch.set_num_threads(before)
    return min(candidates, key=lambda threads: median(times[threads]))


def _candidates(most: int) -> list[int]:
    """1, 2, 4 and so on, and all of them."""
    powers = [2**power for power in range(most.bit_length()) if 2**power < most]
    return [*powers, most]


@torch.inference_mode()
def _seconds(decoder: Decoder) -> float:
    count = min(TOKENS, decoder.shape.context)
    attention = BranchAttention([], [Branch(0, 0, [0] * count)], torch.device("cpu"))
    start = time.perf_counter()
    decoder(torch.zeros(count, dtype=torch.long), torch.arange(count), attention)
    return time.perf_counter() - start
