"""The language model words an answer from the selected sentences; `bot.answers.checks` decide if it may stand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from bot import context
from bot.answers.checks import Check, check
from bot.context import Background
from bot.errors import Busy, ModelError
from bot.knowledge.analysis import terms
from bot.messages import Query, Utterance
from bot.protocols import TextEngine

_HISTORY_TURNS = 2
_TOKENS = 96


@dataclass(frozen=True, slots=True)
class Wording:
    """What the model said; `accepted` when all checks passed, `reason` says why there is no text, and `prompt` what
    went into the prompt."""

    text: str
    checks: tuple[Check, ...] = ()
    reason: str = ""
    prompt: Mapping[str, object] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether it may be the answer."""
        return bool(self.text) and all(outcome.passed for outcome in self.checks)


async def word(
    engine: TextEngine,
    query: Query,
    quotes: Sequence[str],
    *,
    persona: str,
    timeout: float,
    background: Background | None = None,
) -> Wording:
    """Lets the engine answer from the quotes, greedily; never raises for what an engine cannot do in time.

    `timeout` is in seconds, for all of it. `background` helps to understand the question: what it says and the quotes
    do not, the checks keep out of the answer.
    """
    turns = (*query.history[-_HISTORY_TURNS:], Utterance("user", query.text))
    known = background or Background()
    told = context.build(
        persona=persona,
        turns=turns,
        passages=quotes,
        background=known,
        count=engine.count,
        budget=engine.context_tokens - _TOKENS,
    )
    pieces: list[str] = []
    try:
        async with asyncio.timeout(timeout):
            stream = engine.stream(
                told.prompt,
                max_new_tokens=_TOKENS,
                temperature=0.0,
                timeout=timeout,
                conversation=query.conversation,
            )
            async with aclosing(stream) as words:
                async for piece in words:
                    pieces.append(piece)
    except (ModelError, Busy, TimeoutError) as error:
        return Wording("", reason=str(error) or "The model was not done in time.", prompt=told.trace(known))
    text = "".join(pieces).strip()
    if not terms(text):
        return Wording("", reason="The model said nothing.", prompt=told.trace(known))
    return Wording(text, check(text, quotes), prompt=told.trace(known))
