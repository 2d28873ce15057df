"""Where the files of a set lie: a folder or a zip archive; both give names and bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from generation.errors import ModelUnusable
from generation.images.pictures.decoding import Undecodable
from generation.images.pictures.labels import LABELS

PICTURE_SUFFIXES = frozenset(
    (".avif", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
)


class Source(Protocol):
    """Files by name; names are relative, with forward slashes."""

    @property
    def names(self) -> Sequence[str]: ...

    def read(self, name: str, most: int) -> bytes:
        """At most `most` bytes of a file, and one more if it is longer; raises Undecodable."""
        ...


class Folder:
    """The files under a folder; hidden ones and links to elsewhere are left alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        self.names = sorted(file.as_posix() for file in files if _wanted(file.parts))

    def read(self, name: str, most: int) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(most + 1)
        except OSError as error:
            raise Undecodable(error.strerror or "cannot be read") from None


class Archive:
    """The files in a zip archive, read one at a time and never unpacked to disk.

    A folder around everything, as most programs make one, is no tag.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise ModelUnusable(f"{path} is no readable zip archive: {error}.") from None
        entries = {PurePosixPath(entry.filename.replace("\\", "/")): entry for entry in self._zip.infolist()}
        files = {path: entry for path, entry in entries.items() if not entry.is_dir() and _wanted(path.parts)}
        around = _common_folder(list(files))
        self._entries = {path.relative_to(around).as_posix(): entry for path, entry in files.items()}
        self.names = sorted(self._entries)

    def read(self, name: str, most: int) -> bytes:
        try:
            # the declared size may lie: reading stops by itself
            with self._zip.open(self._entries[name]) as file:
                return file.read(most + 1)
        except RuntimeError:
            raise Undecodable("locked by a password") from None
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
            raise Undecodable(f"damaged in the archive ({error})") from None


def is_picture(name: str) -> bool:
    """By its ending."""
    return PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES


def _wanted(parts: Sequence[str]) -> bool:
    return not any(part.startswith((".", "__MACOSX")) for part in parts)


def _common_folder(files: Sequence[PurePosixPath]) -> PurePosixPath:
    """The one folder that holds every picture, if `labels.csv` is there too or sub-folders are."""
    heads = {path.parts[0] for path in files}
    deep = any(len(path.parts) > 2 for path in files) or any(path.name == LABELS for path in files)
    alone = len(heads) == 1 and all(len(path.parts) > 1 for path in files) and deep
    return PurePosixPath(heads.pop()) if alone else PurePosixPath()
