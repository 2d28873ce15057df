"""The language model words an answer from the selected sentences; `bot.answers.checks` decide if it may stand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from bot.answers.checks import Check, check
from bot.errors import Busy, ModelError
from bot.knowledge.analysis import terms
from bot.messages import Prompt, Query, Utterance
from bot.protocols import TextEngine

_HISTORY_TURNS = 2
_TOKENS = 96


@dataclass(frozen=True, slots=True)
class Wording:
    """What the model said; `accepted` when all checks passed, `reason` says why there is no text."""

    text: str
    checks: tuple[Check, ...] = ()
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """Whether it may be the answer."""
        return bool(self.text) and all(outcome.passed for outcome in self.checks)


async def word(engine: TextEngine, query: Query, quotes: Sequence[str], *, persona: str, timeout: float) -> Wording:
    """Lets the engine answer from the quotes, greedily; never raises for what an engine cannot do in time.

    `timeout` is in seconds, for all of it.
    """
    turns = (*query.history[-_HISTORY_TURNS:], Utterance("user", query.text))
    prompt = Prompt(persona=persona, passages=tuple(quotes), turns=turns)
    pieces: list[str] = []
    try:
        async with asyncio.timeout(timeout):
            stream = engine.stream(prompt, max_new_tokens=_TOKENS, temperature=0.0, timeout=timeout)
            async with aclosing(stream) as words:
                async for piece in words:
                    pieces.append(piece)
    except (ModelError, Busy, TimeoutError) as error:
        return Wording("", reason=str(error) or "The model was not done in time.")
    text = "".join(pieces).strip()
    return Wording(text, check(text, quotes)) if terms(text) else Wording("", reason="The model said nothing.")
