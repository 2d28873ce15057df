"""The engine of a running bot follows what is promoted, and stays where that cannot be loaded."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.app import engines, load_settings
from bot.messages import Prompt, Utterance
from bot.promotion.registry import Registry, describe
from bot.settings import Settings
from tests.bot.cli.conftest import shop, small_model  # noqa: F401

PROMPT = Prompt(turns=(Utterance("user", "Hello"),))


@pytest.fixture
def settings(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:  # noqa: F811
    monkeypatch.setattr(engines, "FOLLOW_SECONDS", 0.02)
    return load_settings(shop)


def promote(settings: Settings, folder: Path) -> str:
    registry = Registry(settings.folder)
    model = describe(folder, settings.text.model, datetime.now(UTC))
    registry.promote(model, folder)
    return str(registry.path(model))


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about within 20 seconds")


async def test_a_model_that_cannot_be_loaded_leaves_the_current_one_in_its_place_until_a_good_one_comes(
    settings: Settings,
    small_model: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "model.safetensors").write_bytes((small_model / "model.safetensors").read_bytes()[:1000])
    (broken / "config.json").write_text((small_model / "config.json").read_text())
    async with engines.opened_engine(settings) as engine:
        assert engine.name == str(small_model)
        with capture_logs() as logs:
            promote(settings, broken)
            await until(lambda: any("cannot serve" in entry["event"] for entry in logs))
        assert engine.name == str(small_model)
        assert await engine.score([PROMPT], ["Hello!"], "assistant")

        good = promote(settings, small_model)
        await until(lambda: engine.name == good)
        Registry(settings.folder).rollback()
        Registry(settings.folder).rollback()
        await until(lambda: engine.name == str(small_model))


async def said(settings: Settings) -> str:
    async with engines.opened_engine(settings) as engine:
        replies = [engine.stream(PROMPT, temperature=1.5, seed=seed, conversation="c") for seed in range(6)]
        return " ".join(["".join([piece async for piece in reply]) for reply in replies])


async def test_what_the_settings_forbid_is_not_said(settings: Settings, shop: Path) -> None:  # noqa: F811
    word = next(letter for letter in await said(settings) if letter.isalpha())
    strict = load_settings(shop, {"text": {"banned_words": [word]}})
    assert not re.search(rf"(?<!\w){word}(?!\w)", await said(strict), re.IGNORECASE)


async def test_a_bot_starts_with_the_model_that_was_promoted(settings: Settings, small_model: Path) -> None:  # noqa: F811
    promoted = promote(settings, small_model)
    async with engines.opened_engine(settings) as engine:
        assert engine.name == promoted
