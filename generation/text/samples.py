"""Sample conversations for a model card: fixed customers' lines, fixed seeds, nothing edited."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from generation.text.dialogues import Turn
from generation.text.examples import Example
from generation.text.local import LocalTextModel

PERSONA = "You are Juno, the assistant of Alpine Books. You are friendly and brief."
SHOWN = 12
"""Conversations in the card of a model that is trained; there are fifty."""


def sample_conversations(folder: Path, persona: str = PERSONA, count: int = SHOWN) -> list[str]:
    """The first conversations with the model in a folder, as Markdown lines; conversation n has seed n."""
    file = resources.files("generation.text") / "data" / "samples.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return asyncio.run(_sample(folder, persona, rows[:count]))


async def _sample(folder: Path, persona: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    engine = LocalTextModel.load(str(folder), device="cpu", max_batch=1, repetition_penalty=1.15, timeout_seconds=120)
    lines: list[str] = []
    try:
        for seed, row in enumerate(rows, 1):
            passages = (row["passage"],) if "passage" in row else ()
            lines += ["", *(f"- (passage: {passage})" for passage in passages)]
            lines += await _conversation(engine, persona, row["said"], passages, seed)
    finally:
        await engine.close()
    return lines


async def _conversation(
    engine: LocalTextModel, persona: str, said: Sequence[str], passages: tuple[str, ...], seed: int
) -> list[str]:
    turns: list[Turn] = []
    for text in said:
        turns.append(Turn("user", text))
        prompt = Example(persona, (), passages, tuple(turns))
        reply = "".join([piece async for piece in engine.stream(prompt, seed=seed)])
        turns.append(Turn("assistant", reply))
    return [f"- **{turn.role}**: {' '.join(turn.text.split())}" for turn in turns]
