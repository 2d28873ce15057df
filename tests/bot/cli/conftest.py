"""A sample bot folder with a language model that is small enough to load at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from bot.sample import write_bot_folder
from generation.text import checkpoint
from generation.text.model import GPT2, Shape
from generation.text.tokenizer import train_tokenizer


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights in the layout of a real model."""
    folder = tmp_path_factory.mktemp("model")
    tokenizer = train_tokenizer(["Hello! How can I help you today?", "您好！请问有什么可以帮您？"], 400)
    model = GPT2(Shape(tokenizer.get_vocab_size(), context=512, width=32, layers=2, heads=2))
    checkpoint.save(model, tokenizer, folder, torch.float32)
    return folder


@pytest.fixture
def shop(tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new bot folder, as `parley init` writes it."""
    monkeypatch.setenv("PARLEY_TEXT__MODEL", str(small_model))
    write_bot_folder(tmp_path / "shop")
    return tmp_path / "shop"
