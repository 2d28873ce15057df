"""Settings come from defaults < parley.toml < .env and environment < flags, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import FILE_NAME, load


def write(folder: Path, text: str, name: str = FILE_NAME) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def test_an_empty_folder_has_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/parley.db"


def test_each_source_wins_over_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[web]\nport = 1001\nhost = "file"\npublic_url = "file"\n[bot]\nname = "File"\n')
    write(tmp_path, "PARLEY_WEB__PORT=1002\nPARLEY_WEB__HOST=dotenv\nPARLEY_WEB__PUBLIC_URL=dotenv\n", ".env")
    monkeypatch.setenv("PARLEY_WEB__PORT", "1003")
    monkeypatch.setenv("PARLEY_WEB__HOST", "environment")
    settings = load(tmp_path, {"web": {"port": 1004}})
    assert settings.bot.name == "File"
    assert settings.web.public_url == "dotenv"
    assert settings.web.host == "environment"
    assert settings.web.port == 1004


@pytest.mark.parametrize("written", ['["one", "two"]', "one, two", "one,two"])
def test_a_list_in_the_environment_may_be_json_or_separated_by_commas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("PARLEY_WEB__API_KEYS", written)
    assert [key.get_secret_value() for key in load(tmp_path).web.api_keys] == ["one", "two"]


def test_an_unknown_key_is_named_with_its_line_and_the_allowed_ones(tmp_path: Path) -> None:
    write(tmp_path, '[bot]\nname = "Ada"\n\n[web]\nprot = 80\n')
    with pytest.raises(SettingsError, match=r"web\.prot .*line 5.*Did you mean 'port'\? Allowed: host, port"):
        load(tmp_path)


def test_an_unknown_section_lists_the_sections(tmp_path: Path) -> None:
    write(tmp_path, "[wbe]\nport = 80\n")
    with pytest.raises(SettingsError, match=r"wbe .*line 1.*Did you mean 'web'\? Allowed: bot, database"):
        load(tmp_path)


def test_an_unknown_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_TELEGARM__TOKEN", "x")
    with pytest.raises(SettingsError, match="PARLEY_TELEGARM__TOKEN: there is no section 'telegarm'"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[web]\nport = "many"\n', r"web\.port .*line 2.*valid integer"),
        ("[text]\ntemperature = -1\n", r"text\.temperature .*greater than or equal to 0"),
        ('[text]\nbackend = "magic"\n', r"text\.backend .*'local', 'openai' or 'ray'"),
        ('[database]\nurl = "mysql://x"\n', r"database\.url .*sqlite\+aiosqlite"),
        ('[handoff]\ntimezone = "Mars/Base"\n', r"handoff\.timezone .*IANA time zone"),
        ("[web\n", "not valid TOML"),
        ("web = 3\n", r"web .*dictionary"),
    ],
)
def test_a_wrong_value_is_said_in_words(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=complaint):
        load(tmp_path)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, '[web]\nport = "many"\nprot = 1\n')
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert len(str(caught.value).splitlines()) == 2


def test_secrets_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_TELEGRAM__TOKEN", "123:very-secret")
    settings = load(tmp_path)
    assert "very-secret" not in repr(settings)
    assert "very-secret" not in str(settings.model_dump())
