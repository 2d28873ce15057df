from __future__ import annotations

import pytest
import torch

from generation.text.model import GPT2
from generation.text.serving import threads
from generation.text.serving.decoder import Decoder


def test_one_core_needs_no_measuring(model: GPT2, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_seconds", lambda _: pytest.fail("measured"))
    assert threads.quickest_threads(model, 1) == 1


@pytest.mark.parametrize(("cores", "tried"), [(2, [1, 2]), (4, [1, 2, 3]), (8, [1, 2, 4, 7]), (17, [1, 2, 4, 8, 16])])
def test_the_quickest_number_wins_and_a_large_machine_keeps_a_core(
    model: GPT2, monkeypatch: pytest.MonkeyPatch, cores: int, tried: list[int]
) -> None:
    seen: list[int] = []
    known = [1]

    def seconds(decoder: Decoder) -> float:
        seen.append(torch.get_num_threads())
        return 1 / seen[-1] + (0.4 if seen[-1] == tried[-1] else 0)  # the last one meets a busy core

    monkeypatch.setattr(threads, "_seconds", seconds)
    monkeypatch.setattr(threads, "ROUNDS", 1)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: known.append(count))
    monkeypatch.setattr(torch, "get_num_threads", lambda: known[-1])
    best = min(tried, key=lambda count: 1 / count + (0.4 if count == tried[-1] else 0))
    assert threads.quickest_threads(model, cores) == best
    assert seen == tried
    assert known[-1] == 1  # as it was


def test_there_is_a_core() -> None:
    assert threads.available_cores() >= 1
