"""A text engine whose foreign errors arrive as Parley's own: the one place where they are mapped."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Literal

from bot.errors import ParleyError
from bot.messages import Prompt
from bot.protocols import Counting, EngineCounts, Forgetful, TextEngine

Mapper = Callable[[Exception], ParleyError]


class MappedEngine:
    """Wraps an engine; `errors` says what becomes of each foreign error, most special first."""

    def __init__(self, engine: TextEngine, errors: Mapping[type[Exception], Mapper]) -> None:
        self.name = engine.name
        self.context_tokens = engine.context_tokens
        self._engine = engine
        self._errors = errors

    @property
    def counts(self) -> EngineCounts | None:
        """What the engine did so far, if it counts."""
        return self._engine.counts if isinstance(self._engine, Counting) else None

    def count(self, text: str) -> int:
        return self._engine.count(text)

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
        pieces = self._engine.stream(
            prompt,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            stop=stop,
            seed=seed,
            timeout=timeout,
            conversation=conversation,
        )
        with self._mapped():
            async with aclosing(pieces):
                async for piece in pieces:
                    yield piece

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        with self._mapped():
            return await self._engine.score(prompts, continuations, role)

    async def forget(self, customer_id: str) -> None:
        """What the engine remembers of people goes."""
        if isinstance(self._engine, Forgetful):
            await self._engine.forget(customer_id)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except tuple(self._errors) as error:
            mapper = next(mapper for kind, mapper in self._errors.items() if isinstance(error, kind))
            raise mapper(error) from error
