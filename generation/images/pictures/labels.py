"""The tags of pictures: from the folders that they lie in, and from a `labels.csv` beside them.

`labels.csv` has a header; one column, called file, filename, name, path or image, names the picture relative to the
file, and every other column gives tags. Several tags in one cell are parted by a semicolon or a bar.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from generation.errors import ModelUnusable

LABELS = "labels.csv"
FILE_COLUMNS = ("file", "filename", "name", "path", "image")


def clean(tag: str) -> str:
    """A tag as it is compared: lower case, single spaces for underscores and runs of spaces."""
    return re.sub(r"[\s_]+", " ", tag).strip().casefold()


def of_folders(name: str) -> tuple[str, ...]:
    """One tag for each folder that the picture lies in."""
    parents = PurePosixPath(name).parent.parts
    return tuple(dict.fromkeys(tag for part in parents if (tag := clean(part))))


def read_labels(content: bytes) -> dict[str, tuple[str, ...]]:
    """Tags by the picture's name; raises ModelUnusable when no column names the pictures."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    columns = rows.fieldnames or ()
    naming = next((column for column in columns if clean(column) in FILE_COLUMNS), None)
    if naming is None:
        raise ModelUnusable(f"{LABELS} has no column that names the picture; call it {' or '.join(FILE_COLUMNS)}.")
    found: dict[str, tuple[str, ...]] = {}
    try:
        for row in rows:
            name = str(PurePosixPath((row[naming] or "").replace("\\", "/")))
            found[name] = _tags({column: row[column] for column in columns if column != naming})
    except csv.Error as error:
        raise ModelUnusable(f"{LABELS} cannot be read in line {rows.line_num}: {error}.") from None
    return found


def _tags(cells: Mapping[str, str | None]) -> tuple[str, ...]:
    words = (clean(word) for cell in cells.values() for word in re.split(r"[;|]", cell or ""))
    return tuple(dict.fromkeys(word for word in words if word))
