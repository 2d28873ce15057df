"""What a context keeps when tokens are few: always persona and question, and of the other parts their shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import context
from bot.context import Background, Context
from bot.messages import Prompt, Utterance

TURNS = (
    Utterance("user", "the oldest words"),
    Utterance("assistant", "the newer words"),
    Utterance("user", "the question"),
)
KNOWN = Background(
    profile=("likes tea", "owns boots"),
    memory=("asked about tents", "asked about rain"),
    fact_ids=("f_1", "f_2"),
    message_ids=("m_1", "m_2"),
)


def words(text: str) -> int:
    return len(text.split())


def build(budget: int, background: Background = KNOWN, passages: tuple[str, ...] = ("one two three",) * 2) -> Context:
    return context.build(
        persona="a kind clerk", passages=passages, background=background, turns=TURNS, count=words, budget=budget
    )


@pytest.mark.parametrize(
    ("budget", "passages", "profile", "turns", "memory"),
    [
        (100, 2, 2, 2, 2),
        (27, 2, 2, 2, 2),  # everything needs 27
        (26, 2, 2, 2, 1),  # the least fitting memory is dropped first
        (23, 2, 2, 2, 0),
        (20, 2, 2, 1, 0),  # then the oldest turn
        (18, 2, 1, 1, 0),  # then a fact
        (14, 1, 1, 1, 0),  # then a passage
        (12, 1, 1, 0, 0),
        (8, 1, 0, 0, 0),
        (5, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (-9, 0, 0, 0, 0),
    ],
)
def test_what_is_dropped_first(budget: int, passages: int, profile: int, turns: int, memory: int) -> None:
    built = build(budget)
    kept = (len(built.passages), len(built.profile), len(built.turns) - 1, len(built.memory))
    assert kept == (passages, profile, turns, memory)
    assert built.persona == "a kind clerk"
    assert built.turns[-1] == TURNS[-1]


@pytest.mark.parametrize("part", ["passages", "profile", "memory"])
def test_no_part_crowds_out_the_others(part: str) -> None:
    endless = ("so many words",) * 1000
    background = Background(
        profile=endless if part == "profile" else KNOWN.profile, memory=endless if part == "memory" else KNOWN.memory
    )
    built = build(105, background, endless if part == "passages" else ("one two three",))
    assert built.turns == TURNS
    assert built.passages[:1]
    assert built.profile[:2]
    assert built.memory[:2]


def test_what_others_do_not_need_is_used() -> None:
    built = build(3005, Background(memory=("so many words",) * 990), ())
    assert len(built.memory) == 990


def test_the_first_lines_and_the_latest_turns_stay() -> None:
    built = build(20)
    assert built.turns == TURNS[1:]
    assert build(18).profile == KNOWN.profile[:1]


def test_an_engine_finds_memory_behind_the_profile_and_the_trace_tells_what_went_in() -> None:
    built = build(26)
    assert built.prompt == Prompt(
        "a kind clerk", ("likes tea", "owns boots", "asked about tents"), ("one two three",) * 2, TURNS
    )
    assert built.trace(KNOWN) == {"passages": 2, "turns": 3, "facts": ["f_1", "f_2"], "memory": ["m_1"]}


LINES = st.lists(st.text(alphabet="ab "), max_size=6).map(tuple)


@given(budget=st.integers(-5, 80), turns=LINES, passages=LINES, profile=LINES, memory=LINES)
def test_the_budget_is_kept_and_nothing_is_dropped_without_need(
    budget: int, turns: tuple[str, ...], passages: tuple[str, ...], profile: tuple[str, ...], memory: tuple[str, ...]
) -> None:
    said = [*(Utterance("user", text) for text in turns), Utterance("user", "what now")]
    built = context.build(
        persona="kind",
        passages=passages,
        background=Background(profile, memory),
        turns=said,
        count=words,
        budget=budget,
    )
    assert built.persona == "kind"
    assert built.turns == tuple(said[len(said) - len(built.turns) :])
    assert built.turns
    for kept, given_lines in ((built.passages, passages), (built.profile, profile), (built.memory, memory)):
        assert kept == given_lines[: len(kept)]
    used = sum(map(words, (*built.passages, *built.profile, *built.memory, *(turn.text for turn in built.turns)))) + 1
    assert used <= max(budget, 3)
    everything = sum(map(words, (*passages, *profile, *memory, *turns))) + 3
    if everything <= budget:
        assert used == everything
