"""`parley train text` in a bot folder: its persona, its tables, its history."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot import app as application
from bot.app.terminal import open_terminal
from bot.cli import run

ARGUMENTS = ("--base", "scratch:tiny", "--steps", "2", "--batch", "2", "--small-talk", "2")


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    rows = [f'"Where is order {number}, please?","Order {number} is on its way."' for number in range(30)]
    mail = '"How do I reach you?","Write to help@shop.example."\n"It is Ann, ann@home.example","Thanks!"\n'
    (tmp_path / "faq.csv").write_text("question,answer\n" + "\n".join(rows) + "\n" + mail + rows[0] + "\n,\n")
    return tmp_path / "faq.csv"


def test_a_table_is_learnt_with_a_report_in_the_bots_own_persona(
    shop: Path, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    assert run(["train", "text", "--data", str(pairs), "--out", str(out), "--bot", str(shop), *ARGUMENTS]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(out)
    assert "Kept 32 of 34 dialogues." in said.err
    for line in ("dropped: duplicate", "dropped: no reply", "replaced: e-mail address"):
        assert line in said.err
    assert json.loads((out / "run" / "cleaning.json").read_text())["replaced"] == {"e-mail address": 1}
    assert len((out / "run" / "dropped.csv").read_text().splitlines()) == 3
    assert 'Persona: "You are the assistant of Larkfell Outdoor' in (out / "README.md").read_text()
    options = json.loads((out / "run" / "run.json").read_text())["options"]
    assert options["voice"]["bot"] == "Larkfell Outdoor"


async def talk(shop: Path) -> None:
    settings = application.load_settings(shop)
    async with open_terminal(settings) as terminal:
        for text in ("How many days do I have to return something?", "Who won the cup in 1998?"):
            async for _ in terminal.say(text, user="ann", conversation="c1"):
                pass


def test_stored_conversations_are_learnt_only_with_consent_and_their_copy_goes(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(talk(shop))
    out = tmp_path / "model"
    command = ["train", "text", "--from-history", "--out", str(out), "--bot", str(shop), *ARGUMENTS]
    assert run(command) == 2
    assert "privacy.training_consent is not set" in capsys.readouterr().err
    assert not out.exists()

    monkeypatch.setenv("PARLEY_PRIVACY__TRAINING_CONSENT", "true")
    assert run(command) == 0
    assert "from history" in capsys.readouterr().err
    lineage = json.loads((out / "run" / "lineage.json").read_text())
    (learnt,) = lineage["training"]
    assert learnt.startswith("c")
    assert list(lineage["data"]) == ["run/history.jsonl"]
    assert not (out / "run" / "history.jsonl").exists()


def test_without_any_data_it_says_what_to_give(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "text", "--out", str(tmp_path / "model")]) == 2
    assert "give --data FILE or --from-history" in capsys.readouterr().err
