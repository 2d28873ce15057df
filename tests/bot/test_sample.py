"""`parley init` writes a folder that starts as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import settings
from bot.errors import UsageError
from bot.sample import SAMPLE_NAME, write_bot_folder

_COMMENTED_KEY = re.compile(r"^# (?=\w+ = )", re.MULTILINE)


def test_the_new_folder_holds_settings_persona_and_documents(tmp_path: Path) -> None:
    files = write_bot_folder(tmp_path / "shop")

    names = {file.relative_to(tmp_path / "shop").as_posix() for file in files}
    assert {"parley.toml", "persona.md", ".env.example", "knowledge/shipping.md", "knowledge/zh/shipping.md"} <= names
    assert all(file.is_file() for file in files)


def test_the_settings_load_and_change_only_the_name_the_suggestions_and_the_catalogue(tmp_path: Path) -> None:
    write_bot_folder(tmp_path)

    loaded = settings.load(tmp_path)

    web = settings.WebSection(suggestions=loaded.web.suggestions)
    expected = settings.Settings(
        folder=tmp_path,
        bot=settings.BotSection(name=SAMPLE_NAME),
        web=web,
        catalogue=settings.CatalogueSection(file="catalogue.csv", orders_file="orders.csv"),
    )
    assert loaded.model_dump() == expected.model_dump()
    assert len(loaded.web.suggestions) >= 3


def test_the_settings_file_shows_every_key_with_its_default(tmp_path: Path) -> None:
    write_bot_folder(tmp_path)
    file = tmp_path / "parley.toml"
    shown = _COMMENTED_KEY.sub("", file.read_text("utf-8"))
    defaults = settings.load(tmp_path).model_dump()

    file.write_text(shown.replace("answer_threshold = 0.5", ""), "utf-8")

    assert settings.load(tmp_path).model_dump() == defaults
    for section, values in defaults.items():
        part = shown.split(f"[{section}]")[1].split("\n[")[0]
        assert set(re.findall(r"^(\w+) = ", part, re.MULTILINE)) == set(values)


@pytest.mark.parametrize("name", ["Café Zoë", 'The "Quoted" Shop', "山茶花店", "back\\slash"])
def test_a_name_of_its_own_reaches_settings_and_persona(tmp_path: Path, name: str) -> None:
    write_bot_folder(tmp_path, name)

    assert settings.load(tmp_path).bot.name == name
    assert name in (tmp_path / "persona.md").read_text("utf-8")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "persona.md").write_text("mine", "utf-8")

    with pytest.raises(UsageError, match=r"persona\.md exists already"):
        write_bot_folder(tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["persona.md"]
    assert (tmp_path / "persona.md").read_text("utf-8") == "mine"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("", "utf-8")

    with pytest.raises(UsageError, match="exists already"):
        write_bot_folder(tmp_path / "shop")
