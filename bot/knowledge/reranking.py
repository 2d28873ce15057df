"""A second look at what was found: how likely the language model thinks the question is after each passage.

Query likelihood (Ponte and Croft, "A Language Modeling Approach to Information Retrieval", 1998) with a generative
model (Sachan et al., "Improving Passage Retrieval with Zero-Shot Question Generation", 2022).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import structlog

from bot.errors import Busy, ModelError
from bot.knowledge.ranking import shares
from bot.knowledge.snapshot import full_text
from bot.messages import Evidence, Passage, Prompt, Query
from bot.protocols import Retriever, TextEngine

DEPTH = 8
"""Passages that are looked at again."""
CHARACTERS = 600
"""Of a passage."""

log = structlog.get_logger()


class LikelihoodReranker:
    """Orders what another retriever finds anew (`bot.protocols.Retriever`).

    A passage's score becomes softmax(log score + `weight` * gain) among the first `DEPTH`; the gain, kept as the
    feature `likelihood`, is the question's mean log-likelihood after the passage, above its mean over those passages,
    times the square root of its tokens. When the model is busy, fails or takes more than `seconds`, the order stays.
    """

    def __init__(self, retriever: Retriever, engine: TextEngine, *, weight: float = 0.5, seconds: float = 2.0) -> None:
        self._retriever = retriever
        self._engine = engine
        self._weight = weight
        self._seconds = seconds

    async def search(self, query: Query, k: int = 20) -> Sequence[Evidence]:
        """The k best passages, best first; empty when there is no knowledge."""
        found = await self._retriever.search(query, k)
        first = found[:DEPTH]
        if len(first) < 2:
            return found
        try:
            async with asyncio.timeout(self._seconds):
                gains = await likelihood_gains(self._engine, query.text, [item.passage for item in first])
        except (Busy, ModelError, TimeoutError) as error:
            log.info("the order of passages stays without the model's opinion", reason=str(error) or "timeout")
            return found
        return [*reordered(first, gains, self._weight), *found[DEPTH:]]


async def likelihood_gains(engine: TextEngine, question: str, passages: Sequence[Passage]) -> list[float]:
    """How much likelier than after the others each passage makes the question; what the engine's `score` raises."""
    prompts = [Prompt(passages=(full_text(passage)[:CHARACTERS],)) for passage in passages]
    means = await engine.score(prompts, [question] * len(prompts), "user")
    usual = math.fsum(means) / len(means)
    return [(mean - usual) * math.sqrt(engine.count(question)) for mean in means]


def reordered(found: Sequence[Evidence], gains: Sequence[float], weight: float) -> list[Evidence]:
    """By both scores, which still sum to what they did."""
    logs = [math.log(max(item.score, 1e-9)) + weight * gain for item, gain in zip(found, gains, strict=True)]
    total = math.fsum(item.score for item in found)
    scores = total * shares(np.asarray(logs, dtype=np.float32))
    looked_at = [
        replace(item, score=float(score), features={**item.features, "likelihood": gain})
        for item, score, gain in zip(found, scores, gains, strict=True)
    ]
    return sorted(looked_at, key=lambda item: -item.score)
