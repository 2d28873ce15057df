"""The conversation context: what a language model is told before it speaks. Pure functions.

Persona and the words to be answered always stay. Each other part has a share of the tokens that these leave; what a
part does not need goes to the others: first to the passages, then to the profile, the turns and the memory. So under
pressure memory shrinks first and no part is crowded out by another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.messages import Prompt, Request, Utterance

Count = Callable[[str], int]
"""Tokens of a text."""

SHARES: Mapping[str, float] = {"passages": 0.45, "profile": 0.15, "turns": 0.25, "memory": 0.15}
"""Of the tokens that persona and last words leave, in the order in which parts are served."""


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of who writes, a line each, the most important first: `profile` facts and `memory` of earlier
    words, with the ids of the facts and messages (empty for a line that is of several)."""

    profile: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()
    fact_ids: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()


class Acquainted(Protocol):
    """Knows something of those who write."""

    async def background(self, request: Request) -> Background:
        """What may be used in answer to the request, where it was sent."""


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that fit their budgets."""

    persona: str
    profile: tuple[str, ...]
    passages: tuple[str, ...]
    memory: tuple[str, ...]
    turns: tuple[Utterance, ...]

    @property
    def prompt(self) -> Prompt:
        """For an engine: what was said earlier stands behind the profile, where models have learned to find facts."""
        profile = (*self.profile, *self.memory)
        return Prompt(persona=self.persona, profile=profile, passages=self.passages, turns=self.turns)

    def trace(self, background: Background) -> dict[str, object]:
        """What went in, for the reply's trace: how much of each part, and the ids of facts and messages."""
        return {
            "passages": len(self.passages),
            "turns": len(self.turns),
            "facts": list(background.fact_ids[: len(self.profile)]),
            "memory": list(background.message_ids[: len(self.memory)]),
        }


def build(
    *,
    persona: str,
    turns: Sequence[Utterance],
    count: Count,
    budget: int,
    passages: Sequence[str] = (),
    background: Background | None = None,
) -> Context:
    """A context within `budget` tokens; `turns` end with the words to be answered.

    Of passages, profile and memory the first lines stay, of the turns the latest.
    """
    known = background or Background()
    *earlier, last = turns
    parts = {
        "passages": tuple(passages),
        "profile": known.profile,
        "turns": tuple(turn.text for turn in reversed(earlier)),
        "memory": known.memory,
    }
    sizes = {name: [count(text) for text in texts] for name, texts in parts.items()}
    kept = _kept(sizes, budget - count(persona) - count(last.text))
    return Context(
        persona=persona,
        profile=parts["profile"][: kept["profile"]],
        passages=parts["passages"][: kept["passages"]],
        memory=parts["memory"][: kept["memory"]],
        turns=(*earlier[len(earlier) - kept["turns"] :], last),
    )


def _kept(sizes: Mapping[str, Sequence[int]], left: int) -> dict[str, int]:
    """How many texts of each part stay within `left` tokens."""
    budgets = _budgets({name: sum(sizes[name]) for name in SHARES}, max(left, 0))
    kept: dict[str, int] = {}
    over = 0
    for name in SHARES:
        kept[name], over = _fitting(sizes[name], budgets[name] + over)
    return kept


def _budgets(needs: Mapping[str, int], left: int) -> dict[str, int]:
    """Each part's share or what it needs, if that is less; then the rest, in the order of the parts."""
    budgets = {name: min(needs[name], int(share * left)) for name, share in SHARES.items()}
    rest = left - sum(budgets.values())
    for name in SHARES:
        more = min(needs[name] - budgets[name], rest)
        budgets[name] += more
        rest -= more
    return budgets


def _fitting(sizes: Sequence[int], budget: int) -> tuple[int, int]:
    """How many of the first texts fit into the budget, and what is left of it."""
    for number, size in enumerate(sizes):
        if size > budget:
            return number, budget
        budget -= size
    return len(sizes), budget
