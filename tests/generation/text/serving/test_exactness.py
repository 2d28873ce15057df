"""Whatever joins, leaves or begins alike: greedy replies in float32 are those of transformers, token for token."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.text import checkpoint
from generation.text.model import GPT2, Shape
from generation.text.serving.engine import Engine
from generation.text.serving.graphs import GraphRunner
from generation.text.serving.requests import Request
from generation.text.serving.rules import FREE, Rules, no_repeat
from generation.text.serving.sampling import Sampling
from tests.generation.text.serving.replies import GREEDY, Reply, ask, expected

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


@lru_cache(maxsize=2 * len(SHAPES))
def pair(shape: Shape, ahead: bool) -> Pair:
    """With `ahead`, the engine works as on a GPU, in float32 and without graphs."""
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
    with pytest.MonkeyPatch.context() as patch:
        if ahead:
            graphs = partial(GraphRunner, dtype=torch.float32)
            patch.setattr("generation.text.serving.engine.make_runner", graphs)
        engine = Engine(model, device=torch.device("cpu"), max_batch=3, remembered=2, queue=64, threads=1)
    return Pair(engine, reference)


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    for shape, ahead in product(SHAPES, (False, True)):
        pair(shape, ahead).engine.close()


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


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SHAPES), st.booleans(), conversations())
def test_greedy_replies_are_those_of_transformers(
    shape: Shape, ahead: bool, asked: list[tuple[list[int], int, bool]]
) -> None:
    both = pair(shape, ahead)
    replies = []
    for prompt, count, leaves in asked:
        reply, active = ask(both.engine, prompt, count)
        if leaves:
            active.cancel()
        else:
            replies.append((prompt, count, reply))
    for prompt, count, reply in replies:
        assert reply.wait() == expected(both.reference, prompt, count)


@pytest.mark.parametrize("ahead", [False, True])
def test_the_next_turn_goes_on_from_the_reply_before(ahead: bool) -> None:
    both = pair(SHAPES[0], ahead)
    prompt = [1, 2, 3, 4, 5]
    before = both.engine.counts.reused_tokens
    for _ in range(4):
        reply = ask(both.engine, prompt, 8)[0].wait()
        assert reply == expected(both.reference, prompt, 8)
        prompt = [*prompt, *reply, 7, 8, 9]
    assert both.engine.counts.reused_tokens - before >= 3 * 11


def test_running_ahead_says_what_waiting_says() -> None:
    warm = Sampling(temperature=1.2, top_k=30, top_p=0.95, repetition_penalty=1.3)
    ruled = Rules((no_repeat(2),))
    replies = []
    for ahead in (False, True):
        engine = pair(SHAPES[2], ahead).engine
        asked = [
            ask(engine, [number, 5, 6], 20, warm, seed=number, rules=ruled if number == 4 else FREE)[0]
            for number in range(6)
        ]
        replies.append([reply.wait() for reply in asked])
    assert replies[0] == replies[1]


def test_a_stop_token_ends_a_reply_that_runs_ahead() -> None:
    both = pair(SHAPES[1], True)
    words = expected(both.reference, [5, 6, 7], 20)
    reply = Reply()
    both.engine.submit(Request([5, 6, 7], 20, GREEDY, frozenset({words[4]}), 20, reply.on_token, reply.on_end))
    assert reply.wait() == words[: words.index(words[4])]
    assert ask(both.engine, [5, 6, 7], 20)[0].wait() == words
