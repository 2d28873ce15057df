"""Asking an engine, and what transformers would have said."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import torch

from generation.text.serving.engine import Engine
from generation.text.serving.requests import Active, Request
from generation.text.serving.rules import FREE, Rules
from generation.text.serving.sampling import Sampling

GREEDY = Sampling(temperature=0, repetition_penalty=1.0)


@dataclass
class Reply:
    """Collects what the engine says."""

    tokens: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    reason: Exception | None = None

    def on_token(self, token: int) -> None:
        self.tokens.append(token)
        self.begun.set()

    def on_end(self, reason: Exception | None) -> None:
        assert not self.ended.is_set(), "ended twice"
        self.reason = reason
        self.ended.set()

    def wait(self) -> list[int]:
        assert self.ended.wait(20)
        if self.reason:
            raise self.reason
        return self.tokens


def ask(
    engine: Engine,
    ids: list[int],
    count: int,
    sampling: Sampling = GREEDY,
    seconds: float = 20,
    seed: int | None = None,
    rules: Rules = FREE,
) -> tuple[Reply, Active]:
    reply = Reply()
    request = Request(ids, count, sampling, frozenset(), seconds, reply.on_token, reply.on_end, seed, rules)
    return reply, engine.submit(request)


def expected(reference: Any, ids: list[int], count: int) -> list[int]:
    given = torch.tensor([ids])
    out = reference.generate(
        given, attention_mask=torch.ones_like(given), max_new_tokens=count, do_sample=False, eos_token_id=None
    )
    return list(out[0, len(ids) :].tolist())
