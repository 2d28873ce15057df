from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import torch

from generation.text.serving import threads
from generation.text.serving.threads import Threads, quickest


class Machine:
    """A work that takes as long as the test says for each number of threads; its clock stands still otherwise."""

    def __init__(self, seconds: Callable[[int, int], float]) -> None:
        self._seconds = seconds
        self.number = 1
        self.seen: list[int] = []
        self.now = 0.0

    def work(self) -> None:
        self.seen.append(self.number)
        self.now += self._seconds(self.number, self.seen.count(self.number))

    def use(self, number: int) -> None:
        self.number = number


Make = Callable[[Callable[[int, int], float]], Machine]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Make:
    def make(seconds: Callable[[int, int], float]) -> Machine:
        machine = Machine(seconds)
        monkeypatch.setattr(torch, "set_num_threads", machine.use)
        monkeypatch.setattr(time, "perf_counter", lambda: machine.now)
        monkeypatch.setattr(time, "monotonic", lambda: machine.now)
        return machine

    return make


@pytest.mark.parametrize(("cores", "tried"), [(2, {1, 2}), (4, {1, 2, 3}), (8, {1, 2, 4, 7}), (17, {1, 2, 4, 8, 16})])
def test_one_core_is_left_to_others_where_there_are_four(machine: Make, cores: int, tried: set[int]) -> None:
    here = machine(lambda number, _: 0.01 / number)
    Threads(cores=cores).choose(here.work)
    assert set(here.seen) == tried
    assert here.number == max(tried)


def test_a_core_that_is_taken_is_not_counted_on(machine: Make) -> None:
    here = machine(lambda number, _: 0.01 if number == 1 else 0.08)
    assert quickest(here.work, [1, 2]) == 1


def test_a_moment_of_other_work_does_not_decide(machine: Make) -> None:
    here = machine(lambda number, tries: 0.06 / number if tries < 4 and number == 2 else 0.01 / number)
    assert quickest(here.work, [1, 2]) == 2


def test_fewer_threads_have_to_be_clearly_quicker(machine: Make) -> None:
    assert quickest(machine(lambda number, _: 0.0095 if number == 1 else 0.01).work, [1, 2]) == 2


def test_measuring_ends_after_half_a_second(machine: Make) -> None:
    here = machine(lambda *_: 1.0)
    quickest(here.work, [1, 2])
    assert here.seen == [1, 2]


def test_the_choice_is_looked_at_again_after_a_minute(machine: Make) -> None:
    busy = [True]
    here = machine(lambda number, _: 0.08 if busy[0] and number == 2 else 0.01 / number)
    choice = Threads(cores=2)
    choice.choose(here.work)
    assert here.number == 1
    busy[0] = False
    choice.choose(here.work)
    assert here.number == 1
    here.now += 61
    choice.choose(here.work)
    assert here.number == 2


@pytest.mark.parametrize("choice", [{"fixed": 3, "cores": 8}, {"cores": 1}])
def test_nothing_is_measured_where_there_is_no_choice(machine: Make, choice: dict[str, int]) -> None:
    here = machine(lambda *_: pytest.fail("measured"))
    Threads(**choice).choose(here.work)
    assert here.number == choice.get("fixed", 1)


def test_there_is_a_core() -> None:
    assert threads.available_cores() >= 1
