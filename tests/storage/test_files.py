"""Files that customers and the bot send."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import NotFound, StorageError
from bot.messages import StoredFile
from bot.streams import LocalStreams
from storage import Store
from tests.storage.examples import MovableClock, opened

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
async def keeping(database_url: str, streams: LocalStreams, clock: MovableClock, folder: Path) -> AsyncIterator[Store]:
    async with opened(database_url, streams, clock, files=folder) as store:
        yield store


def empty(folder: Path) -> None:
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_a_file_comes_back_as_it_was(keeping: Store) -> None:
    url = await keeping.files.save(PICTURE, mime="image/png", name="Foto 1.png")
    assert url.startswith("file:f_")
    assert await keeping.files.load(url) == StoredFile(PICTURE, "image/png", "Foto 1.png")


async def test_the_same_content_is_kept_once_under_each_of_its_names(keeping: Store, folder: Path) -> None:
    names = ["a.png", "b.png", "a.png"]
    urls = await asyncio.gather(*[keeping.files.save(PICTURE, mime="image/png", name=name) for name in names])
    assert len(set(urls)) == 3
    assert [(await keeping.files.load(url)).name for url in urls] == names
    assert contents(folder) == [PICTURE]


async def test_files_are_there_after_a_restart(
    database_url: str, streams: LocalStreams, clock: MovableClock, folder: Path
) -> None:
    async with opened(database_url, streams, clock, files=folder) as store:
        url = await store.files.save(b"", mime="", name="")
    async with opened(database_url, streams, clock, files=folder) as store:
        assert await store.files.load(url) == StoredFile(b"", "application/octet-stream", "")


@pytest.mark.parametrize("url", ["", "file:", "file:f_none", "file:../../etc/passwd", "https://example.org/", "f_\x00"])
async def test_what_is_no_file_is_not_found(keeping: Store, url: str) -> None:
    with pytest.raises(NotFound):
        await keeping.files.load(url)


async def test_a_file_whose_content_was_removed_is_not_found(keeping: Store, folder: Path) -> None:
    url = await keeping.files.save(PICTURE, mime="image/png", name="a.png")
    empty(folder)
    with pytest.raises(NotFound):
        await keeping.files.load(url)


async def test_a_name_may_be_anything_and_names_no_path(keeping: Store, folder: Path) -> None:
    url = await keeping.files.save(b"x", mime="x" * 1000, name="../../\x00" + "n" * 10_000)
    assert len((await keeping.files.load(url)).name) == 10_007
    assert contents(folder) == [b"x"]


async def test_a_disk_that_refuses_is_a_storage_error_and_leaves_nothing(keeping: Store, folder: Path) -> None:
    os.symlink("/dev/null", folder)
    with pytest.raises(StorageError, match="cannot be kept"):
        await keeping.files.save(PICTURE, mime="image/png", name="a.png")
    os.unlink(folder)
    assert await keeping.files.save(PICTURE, mime="image/png", name="a.png")


async def test_without_a_folder_nothing_can_be_saved(store: Store) -> None:
    with pytest.raises(StorageError, match="without a folder"):
        await store.files.save(PICTURE, mime="image/png", name="a.png")
