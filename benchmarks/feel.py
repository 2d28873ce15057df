"""How the bot feels: start, memory, and the time to the first words for one user and for eight at once.

Runs `parley serve` on a fresh sample shop, as a new user has it, and asks over server-sent events.
`python -m benchmarks.feel [--quick] [--json]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

QUESTIONS = (
    "How long does shipping take?",
    "What does express delivery cost?",
    "hi there",
    "Can I return shoes that I wore once?",
    "When is the store open on Saturday?",
    "how are you today?",
    "Which payment methods do you take?",
    "How long is the warranty?",
    "thank you!",
    "What is the capital of France?",
)
USERS_AT_ONCE = 8
START_SECONDS = 180


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[tuple[str, float, int]]:
    """The address of a running bot, the seconds it took until it was ready, and its process id."""
    parley = Path(sys.executable).with_name("parley")
    init = await asyncio.create_subprocess_exec(parley, "init", folder, stdout=asyncio.subprocess.DEVNULL)
    await init.wait()
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        parley, "serve", "--bot", folder, "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            async for line in process.stdout:
                if address := re.search(rb"http://\S+?(?=/\s)", line):
                    break
        url = address.group().decode() if address else ""
        async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as ready:
            ready.raise_for_status()
        yield url, time.perf_counter() - started, process.pid
    finally:
        process.terminate()
        await process.wait()


async def first_words(session: aiohttp.ClientSession, url: str, user: str, text: str) -> float:
    """Seconds until the first `token` event of an answer; its end is awaited too."""
    started = time.perf_counter()
    first = 0.0
    body = {"user": user, "text": text}
    async with session.post(f"{url}/api/messages", json=body, headers={"Accept": "text/event-stream"}) as response:
        response.raise_for_status()
        async for line in response.content:
            if not first and line.startswith((b"event: token", b"event: reply")):
                first = time.perf_counter() - started
    return first


async def ask_all(url: str, users: int, rounds: int) -> list[float]:
    """Each user asks all questions in turn, all users at once; a new person each round, as rates are limited."""

    async def one(number: int) -> list[float]:
        shift = number % len(QUESTIONS)
        questions = QUESTIONS[shift:] + QUESTIONS[:shift]
        people = [f"{users}-{number}-{time.monotonic_ns()}" for _ in range(rounds)]
        return [await first_words(session, url, person, text) for person in people for text in questions]

    async with aiohttp.ClientSession() as session:
        return [seconds for times in await asyncio.gather(*map(one, range(users))) for seconds in times]


def resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def measure(quick: bool) -> dict[str, Any]:
    rounds = 1 if quick else 3
    with tempfile.TemporaryDirectory() as folder:
        async with server(Path(folder) / "bot") as (url, ready, pid):
            await ask_all(url, 1, 1)
            alone = await ask_all(url, 1, rounds)
            together = await ask_all(url, USERS_AT_ONCE, rounds)
            return {
                "ready_seconds": ready,
                "resident_megabytes": resident_megabytes(pid),
                "first_words_p50_one_user": statistics.median(alone),
                "first_words_p95_one_user": p95(alone),
                "first_words_p50_eight_users": statistics.median(together),
                "first_words_p95_eight_users": p95(together),
            }


TARGETS = {
    "ready_seconds": 6,
    "resident_megabytes": 900,
    "first_words_p95_one_user": 0.4,
    "first_words_p95_eight_users": 1.2,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer questions")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.quick))
    if options.json:
        print(json.dumps(figures))
        return
    table = Table("figure", "measured", "target: under")
    for name, value in figures.items():
        table.add_row(name, f"{value:.3g}", str(TARGETS.get(name, "")))
    Console().print(table)


if __name__ == "__main__":
    main()
