"""Where a person's words went to train models: rows that wait in run folders, and models that have read them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import StorageError

ROWS, LINEAGE, WEIGHTS = "history.jsonl", "lineage.json", "model.safetensors"
RUN = "run"


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model's folder, and how it came to a person's words: `conversations` are those that it has read, `through` is
    the model that it was made from and that had read them before."""

    folder: str
    conversations: tuple[str, ...] = ()
    through: str = ""


def remove_rows(folders: Iterable[Path], conversations: Collection[str], messages: Collection[str]) -> dict[str, int]:
    """Takes conversations, and passages of their replies, out of the rows of unfinished runs; the number by file."""
    removed: dict[str, int] = {}
    for file in _files(folders, ROWS):
        try:
            lines = file.read_text("utf-8").splitlines(keepends=True)
            kept = [line for line in lines if not _is_of(line, conversations, messages)]
            if len(kept) < len(lines):
                removed[str(file)] = len(lines) - len(kept)
                scratch = file.with_suffix(".new")
                scratch.write_text("".join(kept), "utf-8")
                os.replace(scratch, file)
        except OSError as error:
            raise StorageError(f"{file} cannot be rewritten ({error.strerror}); nothing was erased yet.") from None
    return removed


def trained_with(folders: Iterable[Path], conversations: Collection[str]) -> list[TrainedModel]:
    """The models in and below the folders that have read one of the conversations, or come from one that has."""
    lineages = {file.parent.parent: _json(file) for file in _files(folders, LINEAGE)}
    found: dict[Path, TrainedModel] = {}
    for folder, lineage in lineages.items():
        read = {*lineage.get("training", ()), *lineage.get("validation", ())} & set(conversations)
        if read:
            found[folder] = TrainedModel(str(folder), tuple(sorted(read)))
    waiting = list(found)
    while waiting:
        parent = waiting.pop()
        for folder, lineage in lineages.items():
            if folder not in found and _comes_from(lineage, parent):
                found[folder] = TrainedModel(str(folder), through=str(parent))
                waiting.append(folder)
    return sorted(found.values(), key=lambda model: model.folder)


def _files(folders: Iterable[Path], name: str) -> Iterator[Path]:
    """Files of runs, each once; contents of customers' files are not looked through."""
    seen: set[Path] = set()
    for folder in folders:
        for path, below, _ in os.walk(folder):
            below[:] = [each for each in below if each not in ("files", ".venv", ".git")]
            file = (Path(path) / RUN / name).resolve()
            if file not in seen and file.is_file():
                seen.add(file)
                yield file


def _is_of(line: str, conversations: Collection[str], messages: Collection[str]) -> bool:
    try:
        row = json.loads(line)
    except ValueError:
        return False
    name = str(row.get("id", "")) if isinstance(row, dict) else ""
    return name in conversations or name.rpartition(":")[0] in messages


def _comes_from(lineage: dict[str, Any], parent: Path) -> bool:
    if lineage.get("base_digest"):
        return bool(lineage["base_digest"] == _digest(parent / WEIGHTS))
    return bool(lineage.get("base")) and Path(str(lineage["base"])).resolve() == parent


def _digest(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _json(file: Path) -> dict[str, Any]:
    try:
        known = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
