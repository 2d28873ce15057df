"""Small models and a small tokenizer, made once a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from generation.text import checkpoint
from generation.text.model import GPT2, Shape
from generation.text.tokenizer import train_tokenizer

TEXTS = (
    "Hello! How can I help you today?",
    "I would like to return a pair of shoes that I bought last week.",
    "Returns are free within 30 days. Please keep the receipt.",
    "您好！请问有什么可以帮您？😀",
)


@dataclass(frozen=True)
class Said:
    role: str
    text: str


@dataclass(frozen=True)
class Prompt:
    persona: str = ""
    profile: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    turns: tuple[Said, ...] = ()


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS, 400)


@pytest.fixture(scope="session")
def model(tokenizer: Tokenizer) -> GPT2:
    """Weights are larger than at the start of training, so that its choices differ from token to token."""
    torch.manual_seed(7)
    model = GPT2(Shape(tokenizer.get_vocab_size(), context=64, width=32, layers=2, heads=2))
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(6) if weight.ndim == 2 else weight.add_(0.1 * torch.randn_like(weight))
    return model


@pytest.fixture(scope="session")
def folder(model: GPT2, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model in Hugging Face format, in float32."""
    folder = tmp_path_factory.mktemp("model")
    checkpoint.save(model, tokenizer, folder, torch.float32)
    return folder
