"""What every parser makes of its file: a title and plain blocks in reading order."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["heading", "paragraph", "item", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` 1 to 6), a paragraph, a list item with its marker, or a table row as `| a | b |`.

    `anchor` is where a reader finds it in the file, such as `page=3`; empty where only headings can be named.
    """

    kind: Kind
    text: str
    level: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as the file itself gives it (a question and its answer, a prepared passage); it is not cut.

    `id`, `source` and `language` are the file's own, if it gives them.
    """

    title: str
    text: str
    id: str = ""
    source: str = ""
    heading: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A file's content: either blocks or entries. `link` is the page that the file is a copy of."""

    title: str = ""
    link: str = ""
    blocks: tuple[Block, ...] = ()
    entries: tuple[Entry, ...] = ()


def row(cells: Sequence[str]) -> Block:
    """A table row that a person can read and that is still a row; a cell's own bars and breaks are replaced."""
    return Block("row", "| " + " | ".join(one_line(cell).replace("|", "/") for cell in cells) + " |")


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def path_text(path: Path) -> str:
    """A path as text that any database takes, also where its bytes are not UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def title_of(path: Path) -> str:
    """A title made of the file's name, for files that have none inside."""
    words = re.sub(r"[\s_-]+", " ", path_text(Path(path.stem))).strip()
    return words[:1].upper() + words[1:]
