"""The model behind the text engine's interface: prompts in, words out, on the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from generation.errors import EngineBusy, GenerationCancelled, ModelUnusable
from generation.text.local import LocalTextModel
from generation.text.model import GPT2
from generation.text.serving.quantization import Int8Linear, quantised
from generation.text.serving.sampling import choose
from tests.generation.text.conftest import TEXTS, Prompt, Said

HELLO = Prompt("Kind.", turns=(Said("user", "Hello!"),))


def load(folder: Path, queue: int = 8, timeout_seconds: float = 20) -> LocalTextModel:
    return LocalTextModel.load(
        str(folder), device="cpu", max_batch=2, queue=queue, timeout_seconds=timeout_seconds, max_new_tokens=24
    )


@pytest.fixture
async def engine(folder: Path) -> AsyncIterator[LocalTextModel]:
    engine = load(folder)
    yield engine
    await engine.close()


async def said(engine: LocalTextModel, prompt: Prompt = HELLO, seed: int = 1, temperature: float | None = None) -> str:
    return "".join([piece async for piece in engine.stream(prompt, seed=seed, temperature=temperature)])


async def test_words_come_in_pieces_and_a_seed_repeats_them(engine: LocalTextModel) -> None:
    pieces = [piece async for piece in engine.stream(HELLO, seed=4)]
    assert len(pieces) > 1
    assert all(pieces)
    assert "".join(pieces) == await said(engine, seed=4)
    assert await said(engine, seed=4) != await said(engine, seed=5)


async def test_zero_temperature_takes_the_likeliest_words_whatever_the_seed(engine: LocalTextModel) -> None:
    assert await said(engine, seed=1, temperature=0) == await said(engine, seed=2, temperature=0)


async def test_many_conversations_are_answered_at_once(engine: LocalTextModel) -> None:
    prompts = [Prompt(turns=(Said("user", f"Question {number}"),)) for number in range(8)]
    replies = await asyncio.gather(*(said(engine, prompt, seed=3) for prompt in prompts))
    assert sum(map(bool, replies)) >= 6  # random weights may end a reply at once


async def test_pieces_never_break_a_character(engine: LocalTextModel) -> None:
    text = "".join([await said(engine, seed=seed, temperature=3) for seed in range(12)])
    assert not text.isascii()
    text.encode("utf-8")


async def test_closing_the_iterator_frees_its_place(engine: LocalTextModel) -> None:
    for _ in range(6):  # three times as many as there are places
        pieces = engine.stream(HELLO, seed=4)
        assert await anext(pieces)
        await pieces.aclose()
    assert await said(engine)


async def test_a_time_limit_ends_the_reply(engine: LocalTextModel) -> None:
    with pytest.raises(GenerationCancelled, match="within"):
        async for _ in engine.stream(HELLO, timeout=1e-6):
            pass


async def test_a_full_queue_is_busy(folder: Path) -> None:
    engine = load(folder, queue=1)
    results = await asyncio.gather(*(said(engine) for _ in range(40)), return_exceptions=True)
    assert any(isinstance(result, EngineBusy) for result in results)
    assert any(isinstance(result, str) for result in results)
    await engine.close()


async def test_a_prompt_of_any_length_is_answered(engine: LocalTextModel) -> None:
    turns = tuple(Said("user" if n % 2 else "assistant", "word " * 100) for n in range(30))
    assert await said(engine, Prompt("p" * 5000, ("f" * 900,), ("x" * 9000,), turns))


async def test_stop_strings_end_the_reply(engine: LocalTextModel) -> None:
    whole = await said(engine, seed=6)
    stop = whole[3:6]
    pieces = [piece async for piece in engine.stream(HELLO, seed=6, stop=[stop])]
    assert "".join(pieces) == whole[: whole.index(stop)]


async def test_scores_depend_on_prompt_and_role(engine: LocalTextModel) -> None:
    prompts = [HELLO, HELLO, Prompt("Kind.", passages=("Returns are free.",))]
    scores = await engine.score(prompts, ["Returns?", "zzzz", "Returns?"], "user")
    assert len(set(scores)) == 3
    assert all(score < 0 for score in scores)
    assert list(scores) != list(await engine.score(prompts, ["Returns?", "zzzz", "Returns?"], "assistant"))


async def test_the_loop_goes_on_while_the_model_works(engine: LocalTextModel, monkeypatch: pytest.MonkeyPatch) -> None:
    working, go_on = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> torch.Tensor:
        working.set()
        assert go_on.wait(20)
        return choose(*arguments)

    monkeypatch.setattr("generation.text.serving.runner.choose", slow)
    reply = asyncio.create_task(said(engine))
    assert await asyncio.to_thread(working.wait, 20)  # the loop turns although the model does not answer
    assert not reply.done()
    go_on.set()
    assert await reply


async def test_a_closed_model_says_so(folder: Path) -> None:
    engine = load(folder)
    running = asyncio.create_task(said(engine, Prompt(turns=(Said("user", "word " * 50),))))
    await asyncio.sleep(0)
    await engine.close()
    with pytest.raises(GenerationCancelled):
        await running
    with pytest.raises(GenerationCancelled):
        await said(engine)


def test_a_model_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no model folder"):
        load(tmp_path / "nowhere")


def test_a_missing_gpu_is_only_a_warning(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)  # also where there is one
    engine = LocalTextModel.load(str(folder), device="cuda", max_batch=1, max_new_tokens=4)
    assert "runs on the CPU" in caplog.text
    asyncio.run(engine.close())


def test_int8_layers_are_used_only_if_they_predict_as_well(
    model: GPT2, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = GPT2(model.shape)  # as at the start of training: no outliers
    probe = torch.tensor([tokenizer.encode(TEXTS[1]).ids])
    assert isinstance(quantised(fresh, probe).lm_head, Int8Linear)
    monkeypatch.setattr("generation.text.serving.quantization.LARGEST_CHANGE", 0.0)
    assert quantised(model, probe) is model
