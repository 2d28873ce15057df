"""The core stays light: what it imports, and what its commands need before they can say --help."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "sqlalchemy", "aiohttp", "sklearn", "telegram", "discord")


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import bot, bot.messages, bot.errors, bot.protocols, bot.settings",
        "import bot.pipeline, bot.worker, bot.sender, bot.knowledge.index, bot.answers.answerer, bot.routing.router",
        "from bot.cli import build; build()",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(statement: str) -> None:
    assert loaded_by(statement).isdisjoint(HEAVY)
