"""A bot on both platforms, with real protocols in between: what the benchmark shows at large, here at small.

The processes are real, and so are the kills; the platforms are the servers of adapters.playground.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.channels import fuzz, latency, load, memory

pytestmark = pytest.mark.crash


async def test_faults_and_kills_lose_nothing_and_keep_the_order(tmp_path: Path) -> None:
    outcome = await load.run(load.SMALL, tmp_path)
    for figures in outcome.platforms:
        assert figures.wrong_chats == []
        assert figures.answered == figures.sent == load.SMALL.customers * load.SMALL.messages
        assert figures.violations == {}
        assert figures.refused > 0
    telegram, discord = outcome.platforms
    assert telegram.doubled <= outcome.kills * telegram.chats
    assert discord.doubled == 0


async def test_an_adapter_adds_little_to_the_time_of_an_answer() -> None:
    for figures in await latency.measure(20):
        assert figures.added_p50 < 50


async def test_an_adapters_memory_does_not_grow_with_its_updates() -> None:
    for curve in await memory.measure(4_000, 500):
        assert curve.growth < 3


@pytest.mark.parametrize("adapter", [fuzz.on_telegram, fuzz.on_discord])
async def test_an_adapter_survives_updates_that_no_platform_should_send(adapter: fuzz.Fuzz) -> None:
    survival = await adapter(1_000, seed=1)
    assert survival.survived
    assert survival.restarts == 0
    assert sum(survival.lines.values()) <= survival.updates + 10
