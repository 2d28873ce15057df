"""What /metrics says of the language model, through the wrappers that a running bot puts around it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from prometheus_client import CollectorRegistry

from bot.messages import Prompt, Utterance
from bot.metrics import ServingModel
from bot.protocols import TextEngine
from bot.switching import Opened, SwitchingEngine
from bot.text_engine import MappedEngine
from generation.remote.openai import OpenAITextModel
from generation.text.local import LocalTextModel

PROMPT = Prompt(persona="Be kind.", turns=(Utterance("user", "Hello"),))
ABOUT = "parley_language_model_"


def figures(engine: TextEngine) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(ServingModel(engine))
    return {sample.name.removeprefix(ABOUT): sample.value for family in registry.collect() for sample in family.samples}


def wrapped(model: TextEngine, close: Callable[[], Awaitable[None]]) -> SwitchingEngine:
    return SwitchingEngine(Opened(MappedEngine(model, {}), close))


@pytest.fixture
async def engine() -> AsyncGenerator[SwitchingEngine]:
    model = LocalTextModel.load("builtin", device="cpu", max_batch=1, queue=1)
    yield wrapped(model, model.close)
    await model.close()


async def test_tokens_reused_prompts_and_steps_are_counted(engine: SwitchingEngine) -> None:
    assert figures(engine)["new_tokens_total"] == 0
    for _ in range(2):
        assert [piece async for piece in engine.stream(PROMPT, max_new_tokens=4, seed=1)]
    found = figures(engine)
    assert found["info"] == 1
    assert found["steps_total"] >= 2
    assert found["new_tokens_total"] >= 2
    assert found["reused_tokens_total"] == found["prompt_tokens_total"] / 2 - 1  # the second prompt but its last token
    assert {"running", "waiting", "refused_total", "retried_total"} < found.keys()


async def test_a_model_elsewhere_has_a_name_only() -> None:
    model = OpenAITextModel("http://127.0.0.1:9/v1", "big")
    assert list(figures(wrapped(model, model.close))) == ["info"]
    await model.close()
