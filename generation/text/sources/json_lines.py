"""Dialogues and passages as JSON lines (also gzipped): this project's own format."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generation.errors import ModelUnusable
from generation.text.dialogues import Dialogue, Role, Turn


def read_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a file, empty lines left out. Raises ModelUnusable, naming file and line."""
    opener = gzip.open if file.suffix == ".gz" else open
    number = 0
    try:
        with opener(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise ValueError("not an object")
                    yield row
    except (OSError, EOFError) as error:
        raise ModelUnusable(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    except ValueError as error:
        raise ModelUnusable(f"{file}, line {number}: not a JSON object ({error}).") from None


def dialogue(row: Mapping[str, Any], passages: Mapping[str, str], file: Path) -> Dialogue:
    """A row with `turns` as a dialogue; its `knowledge` ids are looked up in the passages (texts by id).

    Raises ModelUnusable, naming the dialogue, when its turns are not objects with `role` and `text`.
    """
    name = str(row.get("id", "")) or hashlib.sha256(json.dumps(row["turns"]).encode()).hexdigest()[:16]
    try:
        turns = tuple(_turn(turn, passages) for turn in row["turns"])
    except (KeyError, TypeError, AttributeError):
        raise ModelUnusable(f"{file}, dialogue {name}: each of its turns must have `role` and `text`.") from None
    return Dialogue(
        id=name,
        source=str(row.get("source", "own")),
        language=str(row.get("lang", "")),
        turns=turns,
        persona=" ".join(_texts(row, "assistant_persona")),
        profile=_texts(row, "user_persona"),
        customers=_texts(row, "customers"),
    )


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name)
    return tuple(str(value) for value in values if value) if isinstance(values, list) else ()


def _turn(turn: Mapping[str, Any], passages: Mapping[str, str]) -> Turn:
    known = [passages[str(number)] for number in turn.get("knowledge") or () if str(number) in passages]
    role: Role = "user" if turn["role"] == "user" else "assistant"
    return Turn(role, str(turn["text"]), tuple(known))
