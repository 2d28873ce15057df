"""`parley train text`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import run
from generation.text import checkpoint


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {
            "id": str(number),
            "turns": [
                {"role": "user", "text": f"Where is order {number}?"},
                {"role": "assistant", "text": "It is on its way.", "knowledge": ["p"]},
            ],
        }
        for number in range(30)
    ]
    (tmp_path / "talk.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "passages.jsonl").write_text('{"id": "p", "title": "", "text": "Parcels take three days."}')
    return tmp_path


def test_a_model_is_trained_and_its_folder_printed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--data", str(data / "talk.jsonl"), str(data / "passages.jsonl")]
    command = ["train", "text", *files, "--base", "scratch:tiny", "--out", str(data / "out"), "--steps", "2"]
    assert run([*command, "--small-talk", "5"]) == 0
    assert capsys.readouterr().out.strip() == str(data / "out")
    checkpoint.load(data / "out")

    assert run(command) != 0
    assert "resume it" in capsys.readouterr().err


def test_a_wrong_base_is_one_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["train", "text", "--data", str(data / "talk.jsonl"), "--out", str(data / "out"), "--steps", "2"]
    assert run([*command, "--base", "scratch:enormous"]) in (1, 2)
    assert "no size 'enormous'" in capsys.readouterr().err
