"""Which platforms run, and with what, from the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.channels import checks, discord_options, telegram_options
from bot.errors import SettingsError
from bot.settings import Settings, load
from bot.skills.commands import NAMES

SECRET = b"the secret of a bot folder"


def settings(folder: Path, toml: str) -> Settings:
    (folder / "parley.toml").write_text(toml, "utf-8")
    return load(folder)


def test_a_platform_without_a_token_is_neither_run_nor_checked(tmp_path: Path) -> None:
    assert checks(settings(tmp_path, "")) == {}


def test_the_doctor_asks_each_platform_whose_token_is_set(tmp_path: Path) -> None:
    both = settings(tmp_path, '[telegram]\ntoken = "1:a"\n[discord]\ntoken = "b"')
    assert sorted(checks(both)) == ["discord", "telegram"]


def test_files_are_fetched_where_messages_are_unless_told_otherwise(tmp_path: Path) -> None:
    local = settings(tmp_path, '[telegram]\ntoken = "1:a"\nbase_url = "http://127.0.0.1:8081"')
    assert telegram_options(local, SECRET).base_file_url == "http://127.0.0.1:8081"


def test_a_webhook_is_at_the_public_address_with_a_token_that_outlives_restarts(tmp_path: Path) -> None:
    hooked = settings(
        tmp_path, '[telegram]\ntoken = "1:a"\nmode = "webhook"\n[web]\npublic_url = "https://bot.example/"'
    )
    first, second = telegram_options(hooked, SECRET), telegram_options(hooked, SECRET)
    assert first.webhook_url == "https://bot.example/telegram/webhook"
    assert first.secret_token == second.secret_token != telegram_options(hooked, b"another").secret_token


def test_a_webhook_without_an_address_is_a_clear_error(tmp_path: Path) -> None:
    hooked = settings(tmp_path, '[telegram]\ntoken = "1:a"\nmode = "webhook"')
    with pytest.raises(SettingsError, match=r"telegram\.webhook_url"):
        telegram_options(hooked, SECRET)


def test_every_command_is_described_in_every_language_within_the_platforms_limits(tmp_path: Path) -> None:
    commands = discord_options(settings(tmp_path, '[discord]\ntoken = "b"')).commands
    assert tuple(commands) == NAMES
    assert all({"en", "zh", "de", "fr", "es"} <= texts.keys() for texts in commands.values())
    assert all(1 <= len(text) <= 100 for texts in commands.values() for text in texts.values())


def test_tokens_are_never_shown(tmp_path: Path) -> None:
    both = settings(tmp_path, '[telegram]\ntoken = "1:secret"\n[discord]\ntoken = "secret"')
    assert "secret" not in repr(telegram_options(both, b"")).replace("secret_token", "")
    assert "secret" not in repr(discord_options(both))
