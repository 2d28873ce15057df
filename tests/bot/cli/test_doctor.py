"""`parley doctor` as a new user runs it: before the first start, and with platforms whose tokens are set."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.playground.discord import DiscordServer
from adapters.playground.telegram import TelegramServer

PARLEY = str(Path(sys.executable).with_name("parley"))


async def printed(shop: Path, *options: str) -> tuple[int, str]:
    """The exit code and what was printed, while servers of this process may be asked."""
    process = await asyncio.create_subprocess_exec(
        PARLEY, "doctor", "--bot", shop, *options, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def doctor(shop: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code and the findings by name."""
    code, output = await printed(shop, "--json")
    return code, {finding["what"]: finding for finding in json.loads(output)}


async def test_a_new_bot_folder_is_well_before_the_first_start(shop: Path) -> None:
    code, found = await doctor(shop)
    assert code == 0, found
    assert "the first start makes its tables" in found["database"]["detail"]
    assert "which the next start reads" in found["knowledge"]["detail"]


async def test_a_folder_without_documents_is_wrong(shop: Path) -> None:
    shutil.rmtree(shop / "knowledge")
    (shop / "knowledge").mkdir()
    code, found = await doctor(shop)
    assert code == 1
    assert "put some into the knowledge folder" in found["knowledge"]["detail"]


async def test_each_platform_is_asked_and_the_invitation_is_whole(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with TelegramServer() as telegram, DiscordServer() as discord:
        monkeypatch.setenv("PARLEY_TELEGRAM__TOKEN", telegram.token)
        monkeypatch.setenv("PARLEY_TELEGRAM__BASE_URL", telegram.url)
        monkeypatch.setenv("PARLEY_DISCORD__TOKEN", "revoked")
        monkeypatch.setenv("PARLEY_DISCORD__API_BASE_URL", discord.api_base_url)
        monkeypatch.setenv("PARLEY_DISCORD__GATEWAY_URL", discord.gateway_url)
        code, found = await doctor(shop)
        assert code == 1
        assert found["telegram"]["ok"]
        assert "token" in found["discord"]["detail"]
        monkeypatch.setenv("PARLEY_DISCORD__TOKEN", discord.token)
        _, output = await printed(shop)
    invitation = next(line for line in output.splitlines() if "discord" in line)
    assert "client_id=" in invitation
    assert "permissions=" in invitation
    assert "…" not in output
