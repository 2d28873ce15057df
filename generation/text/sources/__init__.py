"""What teams have to learn from: dialogues, question-answer pairs, and exported chats, told apart by their content."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation.errors import ModelUnusable
from generation.text.dialogues import Dialogue
from generation.text.sources import discord, json_lines, pairs, telegram


@dataclass
class Corpus:
    """What a set of files holds; `hashes` (SHA-256 by file name) tell later which data a model has seen."""

    dialogues: list[Dialogue] = field(default_factory=list)
    passages: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)


def read_corpus(files: Sequence[Path], assistants: Collection[str] = ()) -> Corpus:
    """Reads files in any order: JSON lines of dialogues and passages, CSV files of question-answer pairs, Telegram's
    JSON export, DiscordChatExporter's JSON and CSV.

    A dialogue's `knowledge` ids are looked up in the passages of all files. `assistants` are the names or ids of
    those who speak for the shop in exported chats. Raises ModelUnusable for a file that is missing or of another
    form, naming the place.
    """
    rows: list[tuple[Path, Mapping[str, Any]]] = []
    corpus = Corpus()
    for file in files:
        corpus.hashes[f"{file.resolve().parent.name}/{file.name}"] = _digest(file)
        if file.suffix.lower() in (".csv", ".tsv"):
            corpus.dialogues += _read_csv(file, assistants)
        elif file.suffix.lower() == ".json":
            corpus.dialogues += _read_json(file, assistants)
        else:
            for row in json_lines.read_rows(file):
                if "turns" in row:
                    rows.append((file, row))
                elif "id" in row and "text" in row:
                    corpus.passages[str(row["id"])] = str(row["text"])
    corpus.dialogues += [json_lines.dialogue(row, corpus.passages, file) for file, row in rows]
    return corpus


def _read_json(file: Path, assistants: Collection[str]) -> list[Dialogue]:
    try:
        content = json.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise ModelUnusable(f"{file} is not valid JSON ({error}).") from None
    if discord.is_discord(content):
        return discord.read_discord(file, content, assistants)
    if telegram.is_telegram(content):
        return telegram.read_telegram(file, content, assistants)
    raise ModelUnusable(
        f"{file} is neither Telegram's nor DiscordChatExporter's JSON export; dialogues in JSON lines end in .jsonl."
    )


def _read_csv(file: Path, assistants: Collection[str]) -> list[Dialogue]:
    columns, rows = _table(file)
    if set(discord.COLUMNS) <= set(columns):
        return discord.read_discord_csv(file, rows, assistants)
    return pairs.read_pairs(file, columns, rows)


def _table(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Column names and rows; the first line tells whether commas, semicolons or tabs part them."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            delimiter = max(",;\t", key=first.count)
            reader = csv.DictReader(lines, delimiter=delimiter, restval="", strict=True)
            columns = [column or "" for column in reader.fieldnames or ()]
            return columns, list(reader)
    except UnicodeDecodeError:
        raise ModelUnusable(f"{file} is not UTF-8 text; save it again as CSV UTF-8.") from None
    except csv.Error as error:
        raise ModelUnusable(f"{file}, line {reader.line_num}: not a table that can be read ({error}).") from None


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelUnusable(f"{file} cannot be read: {error.strerror or error}.") from None
