"""`parley serve` as a process: it starts, answers, stops, survives a kill, and says in one line why it cannot start."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

SECONDS = 90
STRANGE = ("", " \n ", "\x00\x01", "\u202e\u200f", "😀😀", "x" * 10_000, "שלום", "\ud83d", "'; DROP TABLE messages; --")
PARLEY = str(Path(sys.executable).with_name("parley"))


@asynccontextmanager
async def served(shop: Path, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str, str]]:
    """A running bot, its address, and what it announced."""
    process = await asyncio.create_subprocess_exec(
        PARLEY, "serve", "--bot", shop, "--port", "0", *options, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(SECONDS):
            while "Ctrl-C" not in said:
                line = await process.stdout.readline()
                assert line, said
                said += line.decode()
        address = re.search(r"http://\S+?(?=/\s)", said)
        assert address, said
        yield process, address.group(), said
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask(address: str, text: str, **fields: str) -> Any:
    body = {"user": "ada", "text": text, **fields}
    async with aiohttp.ClientSession() as session, session.post(f"{address}/api/messages", json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


def failing(shop: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [PARLEY, "serve", "--bot", shop, *options], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert "Traceback" not in done.stderr
    plain = [line for line in done.stderr.splitlines() if not line.startswith("{")]  # the rest are log lines
    return done.returncode, "\n".join(plain)


async def test_it_answers_and_stops_on_a_signal(shop: Path) -> None:
    async with served(shop) as (process, address, said):
        assert re.search(r"admin, password \S{15,}", said)
        reply = await ask(address, "I forgot my password", conversation="c1")
        assert reply["route"] == "answer"
        assert "Forgot password?" in reply["text"]
        assert reply["citations"][0]["quote"] in reply["text"]
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), SECONDS) == 0
    async with served(shop) as (_, address, said):
        assert "password" not in said
        async with aiohttp.ClientSession() as session:
            response = await session.get(f"{address}/api/conversations/c1/messages")
            assert [row["role"] for row in (await response.json())["messages"]] == ["user", "assistant"]


async def test_a_kill_in_the_middle_of_a_question_loses_and_doubles_nothing(shop: Path) -> None:
    key = {"conversation": "c1", "external_id": "order-question"}
    async with served(shop) as (process, address, _):
        asking = asyncio.create_task(ask(address, "I forgot my password", **key))
        await asyncio.sleep(0)
        process.kill()
        await process.wait()
        await asyncio.gather(asking, return_exceptions=True)
    async with served(shop) as (_, address, _):
        first = await ask(address, "I forgot my password", **key)
        again = await ask(address, "I forgot my password", **key)
        assert first == again
        async with aiohttp.ClientSession() as session:
            response = await session.get(f"{address}/api/conversations/c1/messages")
            assert len((await response.json())["messages"]) == 2


async def test_a_document_added_while_serving_is_answered_from(shop: Path) -> None:
    async with served(shop) as (_, address, _):
        page = "# Concerts\n\n## When is the harpsichord concert?\n\nIt is on the 14th of May at 17:30.\n"
        (shop / "knowledge" / "concerts.md").write_text(page, "utf-8")
        async with asyncio.timeout(SECONDS):
            while True:
                reply = await ask(address, "When is the harpsichord concert?")
                if reply["route"] == "answer":
                    break
        assert "14th of May at 17:30" in reply["text"]


async def test_strange_messages_are_refused_or_answered_politely(shop: Path) -> None:
    async with served(shop) as (_, address, _), aiohttp.ClientSession() as session:
        for text in (
            "",
            " \n ",
            "\x00\x01",
            "\u202e\u200f",
            "😀😀",
            "x" * 10_000,
            "שלום",
            "\ud83d",
            "'; DROP TABLE messages; --",
        ):
            body = json.dumps({"user": "ada", "text": text})
            response = await session.post(f"{address}/api/messages", data=body)
            words = (await response.json()).get("text") or (await response.json())["error"]["message"]
            assert response.status in (200, 400), (text, words)
            assert words
        response = await session.post(f"{address}/api/messages", json={"user": "ada", "text": "x" * 2_000_000})
        assert (response.status, (await response.json())["error"]["code"]) == (413, "body_too_large")


def test_a_port_in_use_is_said_in_one_line(shop: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, error = failing(shop, "--port", str(port))
    assert code == 2
    assert f"port {port} on 127.0.0.1 is in use" in error
    assert len(error.splitlines()) == 1


def test_a_model_that_cannot_be_loaded_stops_the_start_with_one_line(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "broken").mkdir()
    monkeypatch.setenv("PARLEY_TEXT__MODEL", "broken")
    code, error = failing(shop)
    assert code == 1
    assert error.startswith("parley: text.model:")
    assert len(error.splitlines()) == 1


def test_a_folder_that_is_no_bot_folder_is_said_in_one_line(tmp_path: Path) -> None:
    code, error = failing(tmp_path)
    assert code == 2
    assert "parley init" in error


def test_a_wrong_setting_is_said_in_one_line(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_WORKERS__COUNT", "many")
    code, error = failing(shop)
    assert (code, len(error.splitlines())) == (2, 1)
    assert "workers.count (variable PARLEY_WORKERS__COUNT)" in error
