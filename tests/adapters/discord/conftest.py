from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest

from adapters.playground.discord import DiscordServer
from tests.adapters.discord.examples import Place


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """A Discord of the test's own."""
    async with DiscordServer(identify_seconds=0.0) as server:
        yield server


@pytest.fixture
def place(sqlite_url: str, tmp_path: Path) -> Place:
    return Place(sqlite_url, tmp_path / "files")


@pytest.fixture
def any_place(database_url: str, tmp_path: Path) -> Place:
    """On SQLite and on PostgreSQL."""
    return Place(database_url, tmp_path / "files")


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library begins sessions five seconds apart, as Discord wants it; this server does not."""

    async def at_once(*_: object, **__: object) -> None:
        return

    monkeypatch.setattr(discord.Client, "before_identify_hook", at_once)
