"""Whatever joins, leaves or begins alike: greedy replies in float32 are those of transformers, token for token."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.text import checkpoint
from generation.text.model import GPT2, Shape
from generation.text.serving.engine import Engine
from tests.generation.text.serving.replies import ask, expected

CONTEXT = 96
SHAPES = (
    Shape(211, CONTEXT, 32, 1, 1),
    Shape(64, CONTEXT, 48, 3, 4),
    Shape(500, CONTEXT, 64, 2, 2),
)


@dataclass(frozen=True)
class Pair:
    """The same random weights here and in transformers."""

    engine: Engine
    reference: Any


@lru_cache(maxsize=len(SHAPES))
def pair(shape: Shape) -> Pair:
    torch.manual_seed(shape.vocabulary)
    model = GPT2(shape)
    with torch.no_grad():
        for weight in model.parameters():  # larger than at the start of training: no near ties
            weight.mul_(6) if weight.ndim == 2 else weight.add_(0.1 * torch.randn_like(weight))
    config = transformers.GPT2Config(
        vocab_size=shape.vocabulary, n_positions=CONTEXT, n_embd=shape.width, n_layer=shape.layers, n_head=shape.heads
    )
    reference: Any = transformers.GPT2LMHeadModel(config)
    reference.load_state_dict(checkpoint.to_hugging_face(model.state_dict(), torch.float32), strict=False)
    reference.eval()
    return Pair(Engine(model, device=torch.device("cpu"), max_batch=3, remembered=2, queue=64, threads=1), reference)


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    for shape in SHAPES:
        pair(shape).engine.close()


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[list[int], int, bool]]:
    """Prompts with new tokens wanted, some of them cancelled; many begin like another one or like its reply."""
    rng = random.Random(draw(st.integers(0, 10_000)))
    stems = [[rng.randrange(64) for _ in range(rng.randint(1, 60))] for _ in range(2)]
    asked = []
    for _ in range(draw(st.integers(1, 9))):
        known = rng.choice(stems)[: rng.randint(0, 60)]
        prompt = known + [rng.randrange(64) for _ in range(rng.randint(1, 12))]
        asked.append((prompt, rng.randint(1, 16), rng.random() < 0.2))
    return asked


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SHAPES), conversations())
def test_greedy_replies_are_those_of_transformers(shape: Shape, asked: list[tuple[list[int], int, bool]]) -> None:
    both = pair(shape)
    replies = []
    for prompt, count, leaves in asked:
        reply, active = ask(both.engine, prompt, count)
        if leaves:
            active.cancel()
        else:
            replies.append((prompt, count, reply))
    for prompt, count, reply in replies:
        assert reply.wait() == expected(both.reference, prompt, count)


def test_the_next_turn_goes_on_from_the_reply_before() -> None:
    both = pair(SHAPES[0])
    prompt = [1, 2, 3, 4, 5]
    before = both.engine.counts.reused_tokens
    for _ in range(4):
        reply = ask(both.engine, prompt, 8)[0].wait()
        assert reply == expected(both.reference, prompt, 8)
        prompt = [*prompt, *reply, 7, 8, 9]
    assert both.engine.counts.reused_tokens - before >= 3 * 11
