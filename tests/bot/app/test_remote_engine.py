"""A model on another server, by `text.backend = "openai"`."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.app import engines, load_settings
from bot.errors import ModelError, SettingsError
from bot.messages import Prompt, Utterance
from bot.settings import Settings
from tests.generation.remote.server import running

PROMPT = Prompt(turns=(Utterance("user", "Hello"),))


def settings(folder: Path, **text: str) -> Settings:
    return load_settings(folder, {"text": {"backend": "openai", **text}})


async def test_its_words_come_as_those_of_a_local_model(tmp_path: Path) -> None:
    async with running() as server:
        remote = settings(tmp_path, base_url=server.url, model="big", api_key="secret")
        async with engines.opened_engine(remote) as engine:
            assert engine.name == "big"
            assert "".join([piece async for piece in engine.stream(PROMPT)]) == "Hello you!"
    assert server.authorization == "Bearer secret"


async def test_a_server_that_is_away_does_not_keep_the_bot_from_starting(tmp_path: Path) -> None:
    remote = settings(tmp_path, base_url="http://127.0.0.1:9/v1", model="big")
    with capture_logs() as logs:
        async with engines.opened_engine(remote) as engine:
            with pytest.raises(ModelError):
                await anext(engine.stream(PROMPT, timeout=5))
    assert any("cannot be used yet" in entry["event"] for entry in logs)


async def test_the_doctor_says_what_the_server_has(tmp_path: Path) -> None:
    async with running() as server:
        assert (
            await engines.examine_engine(settings(tmp_path, base_url=server.url, model="big")) == f"big at {server.url}"
        )
        with pytest.raises(ModelError, match="has no model 'small'; it has big"):
            await engines.examine_engine(settings(tmp_path, base_url=server.url, model="small"))


@pytest.mark.parametrize("text", [{"model": "big"}, {"base_url": "http://127.0.0.1:9/v1"}])
async def test_a_server_without_address_or_model_is_a_clear_error(tmp_path: Path, text: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"text\.base_url .* text\.model"):
        async with engines.opened_engine(settings(tmp_path, **text)):
            pass
