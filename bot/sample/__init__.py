"""The sample bot folder, as files: settings, persona and the help pages of an invented outdoor shop (`parley init`)."""

from __future__ import annotations

import json
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.errors import UsageError

SAMPLE_NAME = "Larkfell Outdoor"

_RENAMED = {"env.example": ".env.example"}
_NAMED = {"parley.toml", "persona.md"}


def write_bot_folder(path: Path, name: str | None = None) -> list[Path]:
    """Writes the sample bot under `name` and returns the files; the folder is made if it is not there.

    Raises UsageError, and then has written nothing, when a file is in the way or the folder cannot be written.
    """
    files = {path / target: text for target, text in _sample(name or SAMPLE_NAME).items()}
    taken = next((file for file in files if file.exists()), None)
    if taken or (path.exists() and not path.is_dir()):
        raise UsageError(f"{taken or path} exists already. Choose a new folder: parley init DIR.")
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another folder.") from None
    return list(files)


def _sample(name: str) -> dict[str, str]:
    """The sample's texts by their place in the bot folder."""
    root = resources.files("bot.sample")
    texts = dict(_texts(root, ""))
    for file in _NAMED:
        escaped = json.dumps(name, ensure_ascii=False)[1:-1] if file.endswith(".toml") else name
        texts[file] = texts[file].replace("{name}", escaped)
    return texts


def _texts(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and not entry.name.startswith("_"):
            found += _texts(entry, f"{prefix}{entry.name}/")
        elif entry.is_file() and not entry.name.endswith((".py", ".pyc")):
            found.append((prefix + _RENAMED.get(entry.name, entry.name), entry.read_text("utf-8")))
    return found
