"""Dialogues and passages from JSON lines (also gzipped), and their split by conversation."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from generation.errors import ModelUnusable

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """`passages` are the texts that an assistant's turn is based on."""

    role: Role
    text: str
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """`persona` and `profile` are facts of the assistant and of the user where the data names them."""

    id: str
    source: str
    language: str
    turns: tuple[Turn, ...]
    persona: str = ""
    profile: tuple[str, ...] = ()


@dataclass
class Corpus:
    """What a set of files holds; `hashes` (SHA-256 by file name) tell later which data a model has seen."""

    dialogues: list[Dialogue] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)


def read_corpus(files: Sequence[Path]) -> Corpus:
    """Reads dialogue and passage files, in any order; a dialogue's `knowledge` ids are looked up in the passages.

    Raises ModelUnusable for a file that is missing or not JSON lines, naming the line.
    """
    rows: list[Mapping[str, Any]] = []
    passages: dict[str, str] = {}
    corpus = Corpus()
    for file in files:
        corpus.hashes[f"{file.parent.name}/{file.name}"] = _digest(file)
        for row in read_rows(file):
            if "turns" in row:
                rows.append(row)
            elif "id" in row and "text" in row:
                passages[str(row["id"])] = str(row["text"])
    corpus.dialogues = [_dialogue(row, passages) for row in rows]
    return corpus


def read_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON lines file, empty lines left out."""
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
    except OSError as error:
        raise ModelUnusable(f"{file} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:
        raise ModelUnusable(f"{file}, line {number}: not a JSON object ({error}).") from None


def split(dialogues: Iterable[Dialogue], share: float) -> tuple[list[Dialogue], list[Dialogue]]:
    """Training and validation dialogues; which one goes where depends on its id alone."""
    training: list[Dialogue] = []
    validation: list[Dialogue] = []
    for dialogue in dialogues:
        place = int.from_bytes(hashlib.sha256(dialogue.id.encode()).digest()[:4], "big") / 2**32
        (validation if place < share else training).append(dialogue)
    return training, validation


def _dialogue(row: Mapping[str, Any], passages: Mapping[str, str]) -> Dialogue:
    persona = " ".join(row.get("assistant_persona", ()))
    return Dialogue(
        id=str(row.get("id", "")) or hashlib.sha256(json.dumps(row["turns"]).encode()).hexdigest()[:16],
        source=str(row.get("source", "own")),
        language=str(row.get("lang", "en")),
        turns=tuple(_turn(turn, passages) for turn in row["turns"]),
        persona=persona,
        profile=tuple(row.get("user_persona", ())),
    )


def _turn(turn: Mapping[str, Any], passages: Mapping[str, str]) -> Turn:
    known = [passages[number] for number in turn.get("knowledge", ()) if number in passages]
    role: Role = "user" if turn.get("role") == "user" else "assistant"
    return Turn(role, str(turn.get("text", "")), tuple(known))


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelUnusable(f"{file} cannot be read: {error.strerror or error}.") from None
