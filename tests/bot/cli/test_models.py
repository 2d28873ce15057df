"""`parley models`: a gate before a model serves, a running bot that changes over, and the way back."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import torch
from safetensors.torch import load_file, save_file

from bot.cli import run
from tests.bot.cli.test_serve import PARLEY, ask, served

SECONDS = 60


def variant(small_model: Path, folder: Path, noise: float) -> Path:
    """The small model with other weights."""
    shutil.copytree(small_model, folder)
    torch.manual_seed(1)
    weights = load_file(small_model / "model.safetensors")
    changed = {name: weight + noise * torch.randn_like(weight) for name, weight in weights.items()}
    save_file(changed, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture(autouse=True)
def short_trial(shop: Path) -> None:
    """A test set and stories that take a second."""
    dialogues = shop / "evaluation" / "dialogues.jsonl"
    dialogues.write_text("".join(dialogues.read_text().splitlines(keepends=True)[:4]))
    (shop / "stories" / "shop.yaml").write_text("- story: Hello\n  turns: [{user: Hello!, bot: {route: chat}}]\n")


@pytest.fixture
def similar(small_model: Path, tmp_path: Path) -> Path:
    return variant(small_model, tmp_path / "similar", 1e-5)


async def serving(address: str) -> str:
    """The name of the model that a running bot speaks with."""
    async with aiohttp.ClientSession() as session, session.get(f"{address}/metrics") as response:
        found = re.search(r'parley_language_model_info\{name="(.*)"\}', await response.text())
        assert found
        return Path(found[1]).name


async def parley(*words: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(PARLEY, *words, stdout=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(SECONDS):
        assert await process.wait() == 0


def test_a_model_that_is_as_good_is_promoted_listed_and_taken_back(
    shop: Path, similar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "promote", str(similar), "--bot", str(shop), "--json"]) == 0
    promoted = json.loads(capsys.readouterr().out)
    assert promoted["stories"] == "1 of 1"
    assert promoted["scores"]["reply_perplexity"] > 1

    assert run(["models", "list", "--bot", str(shop), "--json"]) == 0
    configured, listed = (model for model in json.loads(capsys.readouterr().out) if model["kind"] == "text")
    assert not configured["serving"]
    assert listed["serving"]
    assert listed["id"] == promoted["id"]
    assert listed["scores"] == promoted["scores"]

    assert run(["models", "promote", str(similar), "--bot", str(shop)]) == 2
    assert "serves already" in capsys.readouterr().err

    assert run(["models", "rollback", "--bot", str(shop)]) == 0
    assert "serves again" in capsys.readouterr().out
    assert run(["models", "rollback", "--bot", str(shop)]) == 1
    assert "No model was promoted" in capsys.readouterr().err


def test_a_model_is_measured_beside_the_current_one(
    shop: Path, small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = variant(small_model, tmp_path / "other", 0.5)
    command = ["evaluate", "dialogue", str(shop / "evaluation" / "dialogues.jsonl"), "--bot", str(shop)]
    assert run([*command, "--model", str(other), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["turns"] == figures["current"]["turns"] > 10
    assert figures["perplexity"] != figures["current"]["perplexity"]
    assert {"words_perplexity", "response_r1", "distinct2", "bleu4", "chrf", "repetition", "groundedness"} <= set(
        figures
    )

    assert run([*command, "--model", str(other), "--limit", "1"]) == 0
    assert "current model" in capsys.readouterr().out


def test_a_worse_model_is_refused_with_the_score_and_by_how_much(
    shop: Path, small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = variant(small_model, tmp_path / "spoiled", 1.0)
    assert run(["models", "promote", str(spoiled), "--bot", str(shop)]) == 1
    said = capsys.readouterr().err
    assert "is not promoted, since it is worse than the current model" in said
    assert re.search(r"reply_perplexity is \S+, beyond \S+ \(the current model has \S+\)", said)
    assert not (shop / "models").exists()


async def test_a_running_bot_changes_over_and_back_without_dropping_a_conversation(
    shop: Path, small_model: Path, similar: Path
) -> None:
    async with served(shop) as (_, address, _):
        assert await serving(address) == small_model.name
        before = await ask(address, "Hello!", conversation="c")
        assert before["route"] == "chat"
        await parley("models", "promote", similar, "--bot", shop)
        log = shop / "models" / "models.json"
        (model,) = json.loads(log.read_text())["models"]
        replies: list[Any] = []
        async with asyncio.timeout(SECONDS):
            while await serving(address) != model["id"]:
                replies.append(await ask(address, f"Thanks! {len(replies)}", conversation="c"))
        replies.append(await ask(address, "How many days do I have to return something?", conversation="c"))
        assert "60 days" in replies[-1]["text"]
        assert all(reply["text"] for reply in replies)
        await parley("models", "rollback", "--bot", shop)
        async with asyncio.timeout(SECONDS):
            while await serving(address) == model["id"]:
                assert (await ask(address, "Hello again!", conversation="c"))["text"]
