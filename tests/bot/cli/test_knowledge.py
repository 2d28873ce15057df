"""`parley knowledge` from the outside: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import run


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A bot folder without documents."""
    folder = tmp_path / "empty"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "parley.toml").write_text("")
    return folder


def ended(capsys: pytest.CaptureFixture[str], bot: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `parley knowledge …`."""
    capsys.readouterr()
    code = run(["--bot", str(bot), "knowledge", *arguments])
    return (code, *capsys.readouterr())


def printed(capsys: pytest.CaptureFixture[str], bot: Path, *arguments: str) -> Any:
    """What a command with `--json` says."""
    code, out, _ = ended(capsys, bot, *arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_added_listed_changed_and_removed(capsys: pytest.CaptureFixture[str], empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("# Tents\n\nA tent costs 15 euros a day.\n")

    assert ended(capsys, empty, "add", str(file)) == (0, f"Added: {file}\n", "")
    assert printed(capsys, empty, "add", str(file))["unchanged"] == [str(file)]
    file.write_text("# Tents\n\nA tent costs 18 euros a day.\n")
    assert printed(capsys, empty, "add", str(file))["replaced"] == [str(file)]

    (document,) = printed(capsys, empty, "list")
    assert (document["name"], document["source"], document["passages"]) == (str(file), "notes.md", 1)
    (found,) = printed(capsys, empty, "search", "what does a tent cost")
    assert (found["text"], found["title"], found["source"]) == (
        "A tent costs 18 euros a day.",
        "Tents",
        "notes.md#tents",
    )

    assert ended(capsys, empty, "remove", document["id"]) == (0, f"Removed {file} (1 passages).\n", "")
    assert printed(capsys, empty, "list") == []
    assert ended(capsys, empty, "search", "tent")[:2] == (0, "Nothing fits.\n")


def test_a_new_shop_is_searched_without_further_ado(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    found = printed(capsys, shop, "search", "运费是多少钱", "-k", "3")

    assert len(found) == 3
    assert found[0]["source"] == "zh/shipping.md#运费是多少钱"
    assert found[0]["score"] >= found[1]["score"]
    assert len(printed(capsys, shop, "list")) >= 12
    assert "Shipping and delivery" in ended(capsys, shop, "search", "how much does shipping cost")[1]


def test_files_that_cannot_be_read_are_named_and_the_others_are_added(
    capsys: pytest.CaptureFixture[str], empty: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 broken")
    (tmp_path / "faq.csv").write_text("1,2,3\n")
    (tmp_path / "good.md").write_text("Good.")

    code, out, err = ended(capsys, empty, "add", *(str(tmp_path / name) for name in ("bad.pdf", "faq.csv", "good.md")))

    assert (code, out) == (1, f"Added: {tmp_path / 'good.md'}\n")
    first, second = err.splitlines()
    assert first.startswith(f"Skipped {tmp_path / 'bad.pdf'}: the PDF is damaged")
    assert second.startswith(f"Skipped {tmp_path / 'faq.csv'}: ")
    assert "question,answer" in second


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["remove", "d_unknown"], 1, "There is no document 'd_unknown'"),
        (["search", "x", "-k", "0"], 2, "-k"),
        (["add"], 2, "PATH"),
    ],
)
def test_mistakes_end_in_one_plain_line(
    capsys: pytest.CaptureFixture[str], empty: Path, arguments: list[str], code: int, line: str
) -> None:
    ending, out, err = ended(capsys, empty, *arguments)

    assert (ending, out) == (code, "")
    assert line in err
    assert "Traceback" not in err


def test_a_file_of_the_watched_folder_is_not_removed_behind_its_back(
    capsys: pytest.CaptureFixture[str], empty: Path
) -> None:
    (empty / "knowledge" / "a.md").write_text("A.")
    (document,) = printed(capsys, empty, "list")

    code, _, err = ended(capsys, empty, "remove", document["id"])

    assert code == 2
    assert "delete the file itself" in err
