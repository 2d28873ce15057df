"""Files of one JSON object a line, UTF-8, gzipped or not; what is wrong is named with file and line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.errors import UsageError


def read(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row after the words for where it stands; blank lines are skipped. Raises UsageError."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}, line {number}", _object(line, f"{path}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None


def text(row: Mapping[str, Any], key: str, where: str) -> str:
    """The text under a key; raises UsageError when it is missing or blank."""
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: `{key}` must be a text that is not empty.")
    return value


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: this is not JSON ({error}).") from None
    if not isinstance(row, dict):
        raise UsageError(f"{where}: must be a JSON object.")
    return row
