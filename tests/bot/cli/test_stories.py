"""`parley test`, as CI runs it: the sample's stories pass, a story that fails is a diff and exit code 1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import run

PROMISE = """\
- story: The moon
  turns:
    - user: Do you ship to the moon?
      bot: {route: answer, contains: three weeks}
"""


def test_the_stories_of_the_sample_shop_pass(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "--bot", str(shop)]) == 0
    assert "6 of 6 stories passed." in capsys.readouterr().out
    assert not (shop / "parley.db").exists()


def test_a_story_that_fails_is_a_diff(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "moon.yaml").write_text(PROMISE)
    assert run(["test", "--bot", str(shop), str(tmp_path / "moon.yaml")]) == 1
    said = capsys.readouterr().out
    assert "FAILED" in said
    assert "      - route: answer\n      + route: decline\n      - contains: three weeks\n      + it does not\n" in said

    assert run(["test", "--bot", str(shop), str(tmp_path / "moon.yaml"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["failed"] == 1
    assert told["outcomes"][0]["departures"][0]["line"] == 3


def test_a_folder_without_stories_says_where_they_go(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "stories" / "shop.yaml").unlink()
    assert run(["test", "--bot", str(shop)]) == 2
    assert f"write some into {shop / 'stories'}" in capsys.readouterr().err
