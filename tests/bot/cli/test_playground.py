"""`parley playground` as a command: what it prints is what connects a bot."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

import aiohttp
import pytest

from bot.cli import run

START_SECONDS = 60
SETTINGS = 7


async def test_the_printed_settings_connect_to_both_servers() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "playground", "--port", "0"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    settings: dict[str, str] = {}
    try:
        async with asyncio.timeout(START_SECONDS):
            while len(settings) < SETTINGS:
                name, equals, value = (await process.stdout.readline()).decode().strip().partition("=")
                if equals:
                    settings[name] = value
        async with aiohttp.ClientSession() as session:
            url = f"{settings['PARLEY_TELEGRAM__BASE_URL']}/bot{settings['PARLEY_TELEGRAM__TOKEN']}/getMe"
            async with session.get(url) as response:
                assert (await response.json())["result"]["is_bot"]
            url = f"{settings['PARLEY_DISCORD__API_BASE_URL']}/users/@me"
            headers = {"Authorization": f"Bot {settings['PARLEY_DISCORD__TOKEN']}"}
            async with session.get(url, headers=headers) as response:
                assert (await response.json())["id"] == settings["PARLEY_DISCORD__APPLICATION_ID"]
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(START_SECONDS):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_a_taken_port_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["playground", "--port", str(port)]) == 2
    assert capsys.readouterr().err == f"parley: Port {port} is taken; choose another one with --port.\n"
