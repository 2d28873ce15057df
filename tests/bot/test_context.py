"""What a prompt keeps when its tokens are few: first the question and the persona, last the oldest turns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import context
from bot.messages import Prompt, Utterance

TURNS = (Utterance("user", "old words"), Utterance("assistant", "newer words"), Utterance("user", "the question"))


def words(text: str) -> int:
    return len(text.split())


def build(budget: int) -> Prompt:
    return context.build(
        persona="a kind clerk",
        profile=("likes tea",),
        passages=("first passage text", "second passage text"),
        turns=TURNS,
        count=words,
        budget=budget,
    )


@pytest.mark.parametrize(
    ("budget", "passages", "profile", "turns"),
    [
        (100, 2, 1, 3),
        (17, 2, 1, 3),
        (16, 2, 1, 2),
        (14, 2, 1, 1),
        (11, 2, 0, 1),
        (8, 1, 0, 1),
        (5, 0, 0, 1),
        (0, 0, 0, 1),
    ],
)
def test_what_is_kept(budget: int, passages: int, profile: int, turns: int) -> None:
    prompt = build(budget)
    assert (len(prompt.passages), len(prompt.profile), len(prompt.turns)) == (passages, profile, turns)


@given(st.integers(-5, 60), st.lists(st.text(alphabet="ab "), min_size=1, max_size=6))
def test_question_and_persona_always_stay_and_the_rest_fits(budget: int, texts: list[str]) -> None:
    turns = [Utterance("user", text) for text in texts]
    prompt = context.build(persona="kind", turns=turns, count=words, budget=budget)
    assert prompt.persona == "kind"
    assert prompt.turns == tuple(turns[len(turns) - len(prompt.turns) :])
    used = words(prompt.persona) + sum(words(turn.text) for turn in prompt.turns)
    assert used <= max(budget, words("kind") + words(texts[-1]))
