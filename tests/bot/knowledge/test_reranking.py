"""The built-in model's opinion of passages changes their order, and never stands in the way of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.app.parts import BUILTIN_EMBEDDER, build_answerer
from bot.errors import Busy
from bot.knowledge.fixed import FixedKnowledge
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.reranking import LikelihoodReranker, reordered
from bot.messages import Evidence, Passage, Prompt, Query
from bot.protocols import TextEngine
from bot.settings import KnowledgeSection, Settings
from generation.embedding import StaticEmbedder

PASSAGES = [
    Passage("ship", "Shipping", "Shipping to Norway takes seven days.", "shop.md"),
    Passage("cost", "Costs", "Shipping costs five euros.", "shop.md"),
    Passage("open", "Opening hours", "Our shop is open from nine to six.", "shop.md"),
]
QUESTION = Query("How long does shipping take?")


class Opinion:
    """An engine that finds the question likeliest after passages with a word."""

    name = "opinion"
    context_tokens = 512

    def __init__(self, word: str, delay: float = 0.0, error: Exception | None = None) -> None:
        self._word = word
        self._delay = delay
        self._error = error
        self.asked = 0

    def count(self, text: str) -> int:
        return len(text.split())

    async def stream(self, prompt: Prompt, **_: object) -> AsyncGenerator[str]:
        raise NotImplementedError
        yield ""

    async def score(self, prompts: Sequence[Prompt], continuations: Sequence[str], role: str) -> Sequence[float]:
        self.asked += 1
        await asyncio.sleep(self._delay)
        if self._error:
            raise self._error
        assert role == "user"
        assert set(continuations) == {QUESTION.text}
        return [-1.0 if self._word in prompt.passages[0] else -5.0 for prompt in prompts]


async def search(engine: TextEngine, **options: float) -> list[str]:
    index = KnowledgeIndex(FixedKnowledge(PASSAGES))
    return [item.passage.id for item in await LikelihoodReranker(index, engine, **options).search(QUESTION)]


async def test_what_the_model_finds_likelier_comes_first() -> None:
    plain = [item.passage.id for item in await KnowledgeIndex(FixedKnowledge(PASSAGES)).search(QUESTION)]
    assert (await search(Opinion("euros"), weight=9.0))[0] == "cost"
    assert (await search(Opinion("seven"), weight=9.0))[0] == "ship"
    assert await search(Opinion("euros"), weight=0.0) == plain


@pytest.mark.parametrize("engine", [Opinion("euros", error=Busy("full")), Opinion("euros", delay=5.0)])
async def test_a_model_that_is_busy_or_slow_leaves_the_order_as_it_is(engine: TextEngine) -> None:
    plain = [item.passage.id for item in await KnowledgeIndex(FixedKnowledge(PASSAGES)).search(QUESTION)]
    assert await search(engine, weight=9.0, seconds=0.05) == plain


@pytest.mark.parametrize("rerank", [True, False])
async def test_the_model_is_asked_where_the_settings_say_so(rerank: bool, tmp_path: Path) -> None:
    engine = Opinion("seven")
    settings = Settings(folder=tmp_path, knowledge=KnowledgeSection(rerank=rerank, wording="quote"))
    index = KnowledgeIndex(FixedKnowledge(PASSAGES))
    await build_answerer(settings, engine, index, StaticEmbedder.load(BUILTIN_EMBEDDER), "").answer(QUESTION)
    assert bool(engine.asked) is rerank


@given(some.lists(some.tuples(some.floats(0, 1), some.floats(-20, 20)), min_size=1, max_size=8))
def test_scores_keep_their_sum_and_their_order(pairs: list[tuple[float, float]]) -> None:
    found = [Evidence(PASSAGES[0], score) for score, _ in pairs]
    again = [item.score for item in reordered(found, [gain for _, gain in pairs], 0.5)]
    assert sum(again) == pytest.approx(sum(score for score, _ in pairs), rel=1e-4, abs=1e-6)
    assert again == sorted(again, reverse=True)
