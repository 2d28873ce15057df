"""Which files there are to read, and what their documents are called."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import KnowledgeError
from bot.knowledge.ingest.blocks import path_text
from bot.knowledge.ingest.reading import SUFFIXES, refuse_large, suffix


@dataclass(frozen=True, slots=True)
class File:
    """`name` is the document's identity, `source` what its citations show to customers: never a path of ours."""

    path: Path
    name: str
    source: str

    @property
    def document_id(self) -> str:
        return "d_" + hashlib.sha256(self.name.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be taken; what was known of it before stays. `repeated` when it was reported before."""

    path: Path
    reason: str
    repeated: bool = False


def find(paths: Sequence[Path], folders: Sequence[Path]) -> tuple[list[File], list[Skipped]]:
    """The files that are meant by files and folders; what is hidden or of another kind is left out of folders."""
    files: dict[Path, File] = {}
    skipped: list[Skipped] = []
    for path in (given.resolve() for given in paths):
        if path.is_dir():
            files |= {inside: _file(inside, path, folders) for inside in _walk(path)}
        elif not path.exists():
            skipped.append(Skipped(path, "it is not there"))
        elif not suffix(path):
            skipped.append(Skipped(path, f"files of this kind cannot be read; possible are {', '.join(SUFFIXES)}"))
        else:
            files[path] = _file(path, path.parent, folders)
    return list(files.values()), skipped


def readable(path: Path) -> bool:
    """Whether a file of a folder is knowledge: of a known kind, and neither hidden nor a lock of a word processor."""
    return bool(suffix(path)) and not path.name.startswith((".", "~$"))


def name_of(path: Path, folders: Sequence[Path]) -> str:
    """Inside of a folder of the settings by the folder's own name, so that a bot folder can move; else the path."""
    for folder in folders:
        if path.is_relative_to(folder):
            return path_text(Path(folder.name) / path.relative_to(folder))
    return path_text(path)


def digest(path: Path, *with_it: str) -> str:
    """Changes with the file's content or with the texts beside it; raises KnowledgeError when it cannot be read."""
    try:
        refuse_large(path)
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise KnowledgeError(f"it cannot be read ({error.strerror or error})") from None
    content.update("\n".join(("", *with_it)).encode())
    return content.hexdigest()


def _file(path: Path, root: Path, folders: Sequence[Path]) -> File:
    root = next((folder for folder in folders if path.is_relative_to(folder)), root)
    return File(path, name_of(path, folders), path_text(path.relative_to(root)))


def _walk(folder: Path) -> Iterator[Path]:
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if readable(Path(place, name)))
