"""A file is read in a process of its own, within bounds."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge.ingest.process import Reader
from bot.knowledge.ingest.reading import MOST_BYTES, read_passages


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with Reader() as reader:
        yield reader


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def environments_of_children() -> list[bytes]:
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [Path(f"/proc/{child}/environ").read_bytes() for child in children]


async def test_passages_come_back_as_the_same_as_in_this_process(reader: Reader, tmp_path: Path) -> None:
    file = write(tmp_path / "配送.md", "# 配送\n\n运费是 4.95 欧元。\n\n## Costs\n\nIt costs €4.95.\n")

    assert await reader.read(file, "d_1", "配送.md") == read_passages(file, "d_1", "配送.md")


async def test_several_files_are_read_by_one_child(reader: Reader, tmp_path: Path) -> None:
    files = [write(tmp_path / f"{number}.txt", f"Text number {number}.") for number in range(20)]

    texts = [(await reader.read(file, "d_1", file.name))[0].text for file in files]

    assert texts == [f"Text number {number}." for number in range(20)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.md", "", "it is empty"),
        ("blank.txt", " \n\n\t ", "it is empty"),
        ("heading.md", "# Only a heading\n", "it holds no text"),
        ("garbage.md", bytes(range(256)) * 40, "binary"),
        ("broken.pdf", b"%PDF-1.7\nnothing", "damaged"),
        ("broken.docx", b"PK nothing", "not a Word document"),
        ("three.csv", "1,2,3\n4,5,6\n", "question,answer"),
        ("broken.jsonl", '{"id": 1}\n', "line 1 has no text"),
        ("picture.png", b"\x89PNG", "files of this kind"),
    ],
)
async def test_what_cannot_be_read_is_named_with_its_reason(
    reader: Reader, tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    with pytest.raises(KnowledgeError, match=reason):
        await reader.read(write(tmp_path / name, content), "d_1", name)

    good = write(tmp_path / "good.md", "Good.")
    assert (await reader.read(good, "d_1", "good.md"))[0].text == "Good."


async def test_a_file_that_is_not_there_is_an_error_of_the_file(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="No such file"):
        await reader.read(tmp_path / "gone.md", "d_1", "gone.md")


async def test_a_large_file_is_refused_before_it_is_read(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "large.txt"
    with file.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)

    with pytest.raises(KnowledgeError, match="50 MB"):
        await reader.read(file, "d_1", "large.txt")


async def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "endless.txt"
    os.mkfifo(pipe)
    good = write(tmp_path / "good.md", "Good.")
    async with Reader(seconds=0.5) as impatient:
        with pytest.raises(KnowledgeError, match=r"longer than 0\.5 seconds"):
            await impatient.read(pipe, "d_1", "endless.txt")

    async with Reader() as reader:
        assert (await reader.read(good, "d_1", "good.md"))[0].text == "Good."


async def test_a_file_that_takes_too_much_memory_is_given_up_and_the_next_one_is_read(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"text": "x" * 4000}) for number in range(10_000))
    hungry = write(tmp_path / "hungry.jsonl", lines)
    good = write(tmp_path / "good.md", "Good.")

    async with Reader(memory_bytes=140 * 1024 * 1024) as reader:
        with pytest.raises(KnowledgeError, match=r"memory|broke down"):
            await reader.read(hungry, "d_1", "hungry.jsonl")
        assert (await reader.read(good, "d_1", "good.md"))[0].text == "Good."


async def test_the_child_knows_no_secrets(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_TELEGRAM__TOKEN", "secret")
    await reader.read(write(tmp_path / "good.md", "Good."), "d_1", "good.md")

    environments = environments_of_children()
    assert any(b"PYTHONPATH" in environment for environment in environments)
    assert not any(b"secret" in environment for environment in environments)
