"""An engine is exchanged while it speaks: what was begun ends with the old one, what begins has the new one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal

import pytest

from bot.errors import ModelError
from bot.messages import Prompt
from bot.switching import Opened, SwitchingEngine

PROMPT = Prompt()


class Voice:
    """An engine that says its name again and again, as long as it is let and not closed."""

    context_tokens = 10

    def __init__(self, name: str) -> None:
        self.name = name
        self.go_on = asyncio.Event()
        self.closed = asyncio.Event()

    def count(self, text: str) -> int:
        return len(text)

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
        yield self.name
        await self.go_on.wait()
        if self.closed.is_set():
            raise ModelError("closed")
        yield self.name

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        return [float(len(self.name))]

    async def close(self) -> None:
        self.closed.set()
        self.go_on.set()

    def opened(self) -> Opened:
        return Opened(self, self.close)


async def test_a_reply_that_was_begun_ends_with_the_old_engine_which_is_closed_then() -> None:
    old, new = Voice("old"), Voice("newer")
    engine = SwitchingEngine(old.opened())
    async with aclosing(engine.stream(PROMPT)) as pieces:
        said = [await anext(pieces)]
        switching = asyncio.create_task(engine.switch(new.opened()))
        await asyncio.sleep(0)  # the task begins
        async with asyncio.timeout(5), aclosing(engine.stream(PROMPT)) as later:
            assert await anext(later) == "newer"
        assert engine.name == "newer"
        assert await engine.score([], [], "assistant") == [5.0]
        assert not old.closed.is_set()
        old.go_on.set()
        said += [piece async for piece in pieces]
    await asyncio.wait_for(switching, 5)
    assert said == ["old", "old"]
    assert old.closed.is_set()
    assert not new.closed.is_set()


async def test_an_idle_engine_is_closed_at_once() -> None:
    old = Voice("old")
    engine = SwitchingEngine(old.opened())
    await asyncio.wait_for(engine.switch(Voice("new").opened()), 5)
    assert old.closed.is_set()


async def test_what_the_old_engine_does_not_end_in_time_is_ended_with_it() -> None:
    old = Voice("old")
    engine = SwitchingEngine(old.opened())
    async with aclosing(engine.stream(PROMPT)) as pieces:
        await anext(pieces)
        await engine.switch(Voice("new").opened(), drain_seconds=0)
        with pytest.raises(ModelError, match="closed"):
            await anext(pieces)


async def test_a_reader_that_leaves_early_does_not_hold_the_old_engine() -> None:
    old = Voice("old")
    engine = SwitchingEngine(old.opened())
    async with aclosing(engine.stream(PROMPT)) as pieces:
        await anext(pieces)
    await asyncio.wait_for(engine.switch(Voice("new").opened()), 5)
    assert old.closed.is_set()


async def test_the_engine_that_serves_forgets_people_if_it_remembers_any() -> None:
    class Remembering(Voice):
        forgotten: tuple[str, ...] = ()

        async def forget(self, customer_id: str) -> None:
            self.forgotten += (customer_id,)

    voice = Remembering("new")
    await SwitchingEngine(Opened(Voice("without a memory"), voice.close)).forget("u_1")
    await SwitchingEngine(Opened(voice, voice.close)).forget("u_1")

    assert voice.forgotten == ("u_1",)
