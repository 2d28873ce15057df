"""What the engine works on: requests for tokens, and scorings of given continuations."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from generation.errors import GenerationCancelled
from generation.text.serving.rules import FREE, Rules
from generation.text.serving.sampling import Sampling

SCORED_AT_ONCE = 256  # tokens


@dataclass(frozen=True)
class Request:
    """A prompt and what to do with it. The callbacks are called on the engine's thread and must not block.

    `on_end` is called exactly once, with None when the reply is complete (a stop token, or all new tokens).
    Requests of one `conversation` wait for each other's turn, so that none can fill the queue before others.
    """

    ids: Sequence[int]
    max_new_tokens: int
    sampling: Sampling
    stop_ids: frozenset[int]
    seconds: float
    on_token: Callable[[int], None]
    on_end: Callable[[Exception | None], None]
    seed: int | None = None
    rules: Rules = FREE
    conversation: str = ""


@dataclass(eq=False)
class Active:
    """A request under way: the first `length` of its `tokens`, prompt and reply, are in the cache's slot.

    `ahead` tokens more were launched and are not known yet; the cache may have one of them.
    """

    request: Request
    deadline: float
    slot: int = -1
    length: int = 0
    ahead: int = 0
    retried: bool = False
    said: list[int] = field(default_factory=list)
    tokens: list[int] = field(init=False)
    random: random.Random = field(init=False)
    _cancelled: bool = False

    def __post_init__(self) -> None:
        self.tokens = list(self.request.ids)
        self.random = random.Random(self.request.seed)

    def cancel(self) -> None:
        """Asks the engine to end this request; it does so at its next round. May be called from any thread."""
        self._cancelled = True

    def reason_to_end(self) -> GenerationCancelled | None:
        """Why it must end now, None while it may go on."""
        if self._cancelled:
            return GenerationCancelled("The reply was cancelled.")
        if time.monotonic() > self.deadline:
            return GenerationCancelled(f"The reply was not complete within {self.request.seconds:g} seconds.")
        return None

    @property
    def unread(self) -> int:
        """How many tokens of prompt and reply are still to be put through the model."""
        return len(self.tokens) + self.ahead - self.length

    @property
    def complete(self) -> bool:
        """Whether no more tokens are wanted than were launched."""
        return len(self.said) + self.ahead >= self.request.max_new_tokens

    def say(self, token: int) -> bool:
        """Adds a token; True when the reply is complete."""
        if token in self.request.stop_ids:
            return True
        self.said.append(token)
        self.tokens.append(token)
        self.request.on_token(token)
        return len(self.said) >= self.request.max_new_tokens or self.request.rules.complete(self.said)

    def end(self, reason: Exception | None) -> None:
        """Tells the caller."""
        self.request.on_end(reason)


class Scoring:
    """Pairs of context and continuation that are weighed batch by batch."""

    def __init__(self, contexts: Sequence[Sequence[int]], continuations: Sequence[Sequence[int]]) -> None:
        self.pairs = [(list(context), list(words)) for context, words in zip(contexts, continuations, strict=True)]
        self.future: Future[list[float]] = Future()
        self._scores: list[float] = []

    def next_batch(self) -> list[tuple[list[int], list[int]]]:
        """The pairs to weigh next; none when all are done or nobody waits any more."""
        batch: list[tuple[list[int], list[int]]] = []
        room = SCORED_AT_ONCE
        for context, words in self.pairs[len(self._scores) :]:
            room -= len(context) + len(words)
            if self.future.cancelled() or (batch and room < 0):
                break
            batch.append((context, words))
        return [] if self.future.cancelled() else batch

    def take(self, scores: Sequence[float]) -> None:
        """Notes the scores of a batch."""
        self._scores.extend(scores)

    def finish(self) -> bool:
        """Hands over the scores when all are there; True when the engine is done with this scoring."""
        if len(self._scores) < len(self.pairs) and not self.future.cancelled():
            return False
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(self._scores)
        return True

    def fail(self, reason: Exception) -> None:
        """Hands over the reason instead."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(reason)
