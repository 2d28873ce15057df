"""The model behind the text engine's interface: prompts in, words out, on the event loop."""

from __future__ import annotations

import asyncio
import copy
import math
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from generation.errors import EngineBusy, GenerationCancelled, GenerationError, ModelUnusable
from generation.text import bases
from generation.text.local import PROBE, LocalTextModel
from generation.text.model import GPT2, Block
from generation.text.serving.quantization import Int8Linear, quantised
from generation.text.serving.sampling import choose
from generation.text.small_talk import read_topics
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
    running = [asyncio.create_task(said(engine, seed=4)) for _ in range(7)]  # more than can be over by then
    await asyncio.sleep(0)
    await engine.close()
    ends = await asyncio.gather(*running, return_exceptions=True)
    assert all(isinstance(end, str | GenerationCancelled) for end in ends)
    assert isinstance(ends[-1], GenerationCancelled)
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


async def test_a_client_that_stops_reading_holds_nobody_up(engine: LocalTextModel) -> None:
    idle = [engine.stream(HELLO, seed=4) for _ in range(4)]  # twice as many as there are places
    for pieces in idle:
        assert await anext(pieces)
    assert await asyncio.wait_for(said(engine, seed=4), 20)
    assert engine.counts.new_tokens >= 4  # all of them were served to their end
    for pieces in idle:
        assert [piece async for piece in pieces]  # and whoever reads on has the rest


async def test_one_of_several_options_is_chosen(engine: LocalTextModel) -> None:
    options = ["Returns are free", "Keep the receipt", "Hello"]
    assert await engine.choose(HELLO, options) in options
    assert await engine.choose(HELLO, options[1:2]) == options[1]
    with pytest.raises(GenerationError, match="options that have words"):
        await engine.choose(HELLO, [])
    with pytest.raises(GenerationError, match="can be chosen"):
        await engine.choose(HELLO, ["word " * 100])


async def test_banned_words_and_repetitions_are_not_said(folder: Path) -> None:
    free = load(folder)
    words = [await said(free, seed=seed, temperature=1.5) for seed in range(8)]
    await free.close()
    letter = next(letter for letter in "".join(words) if letter.isalpha())
    strict = LocalTextModel.load(
        str(folder), device="cpu", max_batch=2, max_new_tokens=24, banned_words=[letter], no_repeat_ngram=1
    )
    ruled = [await said(strict, seed=seed, temperature=1.5) for seed in range(8)]
    await strict.close()
    alone = re.compile(rf"(?<!\w){letter}(?!\w)", re.IGNORECASE)
    assert not any(alone.search(text) for text in ruled)


async def test_what_was_read_before_is_counted_as_reused(engine: LocalTextModel) -> None:
    for _ in range(2):
        await said(engine, Prompt("Be kind and brief, and never cross.", turns=(Said("user", "Hello, how are you?"),)))
    assert engine.counts.hit_rate > 0.4


def outlying(model: GPT2) -> GPT2:
    """The same predictions from weights that int8 rounds badly in one layer: a large input meets small weights."""
    spoiled = copy.deepcopy(model)
    block = spoiled.transformer.h[0]
    assert isinstance(block, Block)
    with torch.no_grad():
        block.ln_2.weight[0] *= 1000
        block.ln_2.bias[0] *= 1000
        block.mlp.c_fc.weight[:, 0] /= 1000
    return spoiled


def test_int8_layers_are_used_where_they_predict_as_well(model: GPT2, tokenizer: Tokenizer) -> None:
    probe = torch.tensor([tokenizer.encode(TEXTS[1]).ids])
    assert int8_layers(quantised(model, probe)) == 9
    mixed = quantised(outlying(model), probe)
    assert int8_layers(mixed) == 8
    block = mixed.transformer.h[0]
    assert isinstance(block, Block)
    assert isinstance(block.mlp.c_fc, torch.nn.Linear)


def test_a_model_that_int8_spoils_stays_as_it_is(
    model: GPT2, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.text.serving.quantization.LARGEST_CHANGE", -1.0)
    assert quantised(model, torch.tensor([tokenizer.encode(TEXTS[1]).ids])) is model


def int8_layers(model: GPT2) -> int:
    return sum(isinstance(module, Int8Linear) for module in model.modules())


def test_int8_keeps_the_perplexity_of_the_built_in_model_within_one_percent() -> None:
    model, tokenizer = bases.load_any("builtin")
    probe = torch.tensor([tokenizer.encode(PROBE).ids])
    small = quantised(model, probe)
    assert int8_layers(small) > 0.9 * int8_layers_at_most(model)
    texts = [answer for topic in read_topics() for answer in topic.assistant][:40]
    assert perplexity(small, tokenizer, texts) == pytest.approx(perplexity(model, tokenizer, texts), rel=0.01)


def int8_layers_at_most(model: GPT2) -> int:
    return sum(isinstance(module, torch.nn.Linear) for module in model.modules())


@torch.inference_mode()
def perplexity(model: GPT2, tokenizer: Tokenizer, texts: list[str]) -> float:
    losses = []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids])
        logits = model.logits(model(ids))[0, :-1]
        losses.append(torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none"))
    return math.exp(float(torch.cat(losses).mean()))
