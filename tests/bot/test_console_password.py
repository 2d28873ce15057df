from __future__ import annotations

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import console
from bot.console_password import PasswordAccounts
from bot.streams import LocalStreams
from storage import Store


async def test_the_command_prints_a_password_that_opens_the_console(tmp_path: Path) -> None:
    admin = await asyncio.to_thread(run, tmp_path, "password")
    ann = await asyncio.to_thread(run, tmp_path, "password", "--name", "ann")
    assert admin != ann
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'parley.db'}", LocalStreams())
    accounts = PasswordAccounts(store.operators)
    assert await accounts.check("admin", admin)
    assert await accounts.check("ann", ann)
    assert await accounts.check("ann", admin) is None
    await store.close()


def run(folder: Path, *arguments: str) -> str:
    """The password that the command prints."""
    printed = CliRunner().invoke(console.app, [*arguments, "--bot", str(folder), "--json"])
    assert printed.exit_code == 0, printed.output
    password: str = json.loads(printed.stdout)["password"]
    return password
