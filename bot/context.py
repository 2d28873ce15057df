"""The conversation context: what a language model is told before it speaks. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.messages import Prompt, Utterance

Count = Callable[[str], int]
"""Tokens of a text."""


def build(
    *,
    persona: str,
    profile: Sequence[str] = (),
    passages: Sequence[str] = (),
    turns: Sequence[Utterance],
    count: Count,
    budget: int,
) -> Prompt:
    """A prompt within `budget` tokens; `turns` end with the words to be answered.

    Those words and the persona always stay. Then, as far as they fit: passages in the order given,
    the profile, and turns from the latest back to the oldest.
    """
    *earlier, last = turns
    left = budget - count(persona) - count(last.text)
    kept_passages, left = _fitting(passages, count, left)
    kept_profile, left = _fitting(profile, count, left)
    recent, left = _fitting([turn.text for turn in reversed(earlier)], count, left)
    kept_turns = (*earlier[len(earlier) - len(recent) :], last)
    return Prompt(persona=persona, profile=kept_profile, passages=kept_passages, turns=kept_turns)


def _fitting(texts: Sequence[str], count: Count, budget: int) -> tuple[tuple[str, ...], int]:
    """The longest beginning of `texts` within the budget, and what is left of it."""
    kept: list[str] = []
    for text in texts:
        tokens = count(text)
        if tokens > budget:
            break
        kept.append(text)
        budget -= tokens
    return tuple(kept), budget
