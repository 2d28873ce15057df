"""What the engine works on: requests for the tokens that follow a prompt."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from generation.errors import GenerationCancelled
from generation.text.serving.rules import FREE, Rules
from generation.text.serving.sampling import Sampling


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
