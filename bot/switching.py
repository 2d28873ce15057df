"""A text engine that can be exchanged while it works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Literal

import structlog

from bot.messages import Prompt
from bot.protocols import Counting, EngineCounts, Forgetful, TextEngine

log = structlog.get_logger()

DRAIN_SECONDS = 60.0
"""What an old engine is still saying after this time is ended with it."""


@dataclass(eq=False)
class Opened:
    """An engine that was opened, and how to close it."""

    engine: TextEngine
    close: Callable[[], Awaitable[None]]
    _uses: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def used(self) -> Iterator[TextEngine]:
        """The engine is not idle meanwhile."""
        self._uses += 1
        self._idle.clear()
        try:
            yield self.engine
        finally:
            self._uses -= 1
            if not self._uses:
                self._idle.set()

    @property
    def is_used(self) -> bool:
        return self._uses > 0

    async def drain(self, seconds: float) -> None:
        """Closes it when nobody uses it any more, at the latest after `seconds`."""
        try:
            if self._uses:
                await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            log.warning("a language model is closed while it speaks", model=self.engine.name)
        finally:
            await self.close()


class SwitchingEngine:
    """`bot.protocols.TextEngine`. What was begun with an engine is ended with it; what begins after `switch` has the
    new one."""

    def __init__(self, opened: Opened) -> None:
        self._take(opened)

    def _take(self, opened: Opened) -> None:
        self._opened = opened
        self.name = opened.engine.name
        self.context_tokens = opened.engine.context_tokens

    @property
    def is_talking(self) -> bool:
        """Whether anybody waits for words."""
        return self._opened.is_used

    @property
    def counts(self) -> EngineCounts | None:
        """What the engine that serves now did so far, if it counts."""
        engine = self._opened.engine
        return engine.counts if isinstance(engine, Counting) else None

    def count(self, text: str) -> int:
        return self._opened.engine.count(text)

    async def stream(
        self,
        prompt: Prompt,
        *,
        max_new_tokens: int | None = None,
        temperature: float | None = None,
        stop: Sequence[str] = (),
        seed: int | None = None,
        timeout: float | None = None,
        conversation: str = "",
    ) -> AsyncGenerator[str]:
        with self._opened.used() as engine:
            pieces = engine.stream(
                prompt,
                max_new_tokens=max_new_tokens,
                temperature=temperature,
                stop=stop,
                seed=seed,
                timeout=timeout,
                conversation=conversation,
            )
            async with aclosing(pieces):
                async for piece in pieces:
                    yield piece

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        with self._opened.used() as engine:
            return await engine.score(prompts, continuations, role)

    async def forget(self, customer_id: str) -> None:
        """What the engine that serves now remembers of people goes."""
        with self._opened.used() as engine:
            if isinstance(engine, Forgetful):
                await engine.forget(customer_id)

    async def switch(self, opened: Opened, drain_seconds: float = DRAIN_SECONDS) -> None:
        """From now on `opened` serves; returns when the one before has said all it was saying, and is closed."""
        before = self._opened
        self._take(opened)
        await before.drain(drain_seconds)

    async def close(self) -> None:
        await self._opened.close()
