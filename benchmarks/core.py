"""What the spine costs: messages a second, and the time from inbound commit to a recorded delivery.

The replies are made at once, so that only inbox, workers, outbox and sender are measured, in one process
on SQLite and on PostgreSQL, with few and with many stored messages; echo bots of frameworks without any
storage stand beside them as the floor.

`python -m benchmarks.core [--quick] [--json] [--only sqlite|postgresql]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import floors
from benchmarks.stored import seed
from bot.messages import Delivery, Draft, Incoming, Turn
from bot.protocols import Publish
from bot.sender import Sender, SenderRules
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.worker import Workers
from storage import Store
from storage.migrations import upgrade
from tests import postgresql

CONVERSATIONS = 1000
IN_FLIGHT = 64
HALF_LOAD = {"sqlite": 200, "postgresql": 150}
"""Messages a second at which times are measured: half of what is aimed at."""


@dataclass(frozen=True)
class Size:
    """`stored` messages before the run, `messages` in each of `rounds`, `seconds` at half load."""

    stored: tuple[int, int]
    messages: int
    rounds: int
    seconds: float


FULL = Size(stored=(10_000, 1_000_000), messages=3000, rounds=3, seconds=20)
QUICK = Size(stored=(2_000, 40_000), messages=1000, rounds=2, seconds=5)


@dataclass(frozen=True)
class Figures:
    """Of one database with so many stored messages; times in milliseconds."""

    database: str
    stored: int
    messages_per_second: float
    cpu_ms_per_message: float
    p50_ms: float
    p95_ms: float


class AtOnce:
    """Replies without any thought."""

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        return self.apology(turn)

    def apology(self, turn: Turn) -> Draft:
        return Draft(turn.messages[-1].text, "chat", 1.0, "en", trace={"model": "none"})


class Load:
    """A channel and its customers: each waits until the delivery of the reply is recorded."""

    name = "api"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recorded: dict[str, asyncio.Event] = {}
        self._count = 0

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> str | None:
        return None

    async def converse(self, number: int) -> float:
        """Seconds from the inbound commit to the recorded delivery."""
        self._count += 1
        conversation = f"c{1_000_000_000 + number % CONVERSATIONS}"
        recorded = self._recorded[conversation] = asyncio.Event()
        external_id = f"{time.time_ns()}-{self._count}"
        await self._store.inbox.accept(Incoming("api", external_id, conversation, conversation, f"question {number}"))
        start = time.perf_counter()
        async with asyncio.timeout(60):
            await recorded.wait()
        return time.perf_counter() - start

    def record(self, delivery: Delivery) -> None:
        self._recorded[delivery.target].set()


class ObservedOutbox:
    """An outbox that tells the load of each recorded delivery."""

    def __init__(self, store: Store, load: Load) -> None:
        self._outbox = store.outbox
        self._load = load
        self.due = self._outbox.due
        self.retry = self._outbox.retry
        self.park = self._outbox.park
        self.wait = self._outbox.wait

    async def sent(self, delivery: Delivery, platform_id: str | None) -> None:
        await self._outbox.sent(delivery, platform_id)
        self._load.record(delivery)


@asynccontextmanager
async def bot(url: str) -> AsyncIterator[Load]:
    """A bot at work on a database."""
    streams = LocalStreams()
    store = await Store.open(url, streams, immediate_channels=frozenset({"api"}))
    load = Load(store)
    workers = Workers(store.turns, AtOnce(), streams, WorkersSection(count=32))
    sender = Sender(ObservedOutbox(store, load), load, SenderRules(concurrency=64))
    async with workers.running(), sender.running():
        yield load
    await store.close()


async def full_load(load: Load, messages: int) -> tuple[float, float]:
    """Seconds and processor seconds a message, with so many always under way."""
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        async with slots:
            await load.converse(number)

    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*[one(number) for number in range(messages)])
    return (time.perf_counter() - start) / messages, (time.process_time() - cpu) / messages


async def steady_load(load: Load, rate: float, seconds: float) -> list[float]:
    """Seconds of each message when they come at a steady rate, whatever is still under way."""
    loop = asyncio.get_running_loop()
    start, tasks = loop.time(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(start + number / rate - loop.time())
        tasks.append(asyncio.create_task(load.converse(number)))
    return await asyncio.gather(*tasks)


async def measure(database: str, urls: dict[int, str], size: Size) -> list[Figures]:
    """The databases take turns, so that a busy machine is busy for both."""
    for stored, url in urls.items():
        await seed(url, stored)
    async with AsyncExitStack() as stack:
        loads = {stored: await stack.enter_async_context(bot(url)) for stored, url in urls.items()}
        for load in loads.values():
            await full_load(load, size.messages // 4)
        costs: dict[int, list[tuple[float, float]]] = {stored: [] for stored in loads}
        for _ in range(size.rounds):
            for stored, load in loads.items():
                costs[stored].append(await full_load(load, size.messages))
        times = {stored: await steady_load(load, HALF_LOAD[database], size.seconds) for stored, load in loads.items()}
    return [figures(database, stored, costs[stored], times[stored]) for stored in urls]


def figures(database: str, stored: int, costs: Sequence[tuple[float, float]], times: Sequence[float]) -> Figures:
    percent = statistics.quantiles(times, n=100)
    return Figures(
        database=database,
        stored=stored,
        messages_per_second=1 / statistics.median(seconds for seconds, _ in costs),
        cpu_ms_per_message=1000 * statistics.median(cpu for _, cpu in costs),
        p50_ms=1000 * percent[49],
        p95_ms=1000 * percent[94],
    )


async def on_sqlite(folder: Path, size: Size) -> list[Figures]:
    urls = {stored: f"sqlite+aiosqlite:///{folder / f'{stored}.db'}" for stored in size.stored}
    for url in urls.values():
        await upgrade(url)
    return await measure("sqlite", urls, size)


async def on_postgresql(server: postgresql.Server, size: Size) -> list[Figures]:
    urls = {stored: (await server.migrated()).render_as_string(hide_password=False) for stored in size.stored}
    return await measure("postgresql", urls, size)


def run(size: Size, only: str | None) -> dict[str, Any]:
    """All figures; what cannot run is named with its reason."""
    found: list[Figures] = []
    skipped: dict[str, str] = {}
    if only in (None, "sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            found += asyncio.run(on_sqlite(Path(folder), size))
    if only in (None, "postgresql"):
        try:
            with postgresql.running_server(settings="") as server:
                found += asyncio.run(on_postgresql(server, size))
        except postgresql.Missing as reason:
            skipped["postgresql"] = str(reason)
    floor, reasons = floors.measure(size.messages)
    return {
        "databases": [asdict(each) for each in found],
        "growth": growth(found),
        "floor": floor,
        "skipped": skipped | reasons,
    }


def growth(found: Sequence[Figures]) -> dict[str, float]:
    """Time a message with many stored messages, against few."""
    rates = {
        database: [each.messages_per_second for each in found if each.database == database] for database in HALF_LOAD
    }
    return {database: few / many for database, (few, many) in ((name, pair) for name, pair in rates.items() if pair)}


def show(result: dict[str, Any]) -> None:
    table = Table("database", "stored", "messages/s", "CPU ms/message", "p50 ms", "p95 ms", title="Core overhead")
    for each in result["databases"]:
        cells = [each["messages_per_second"], each["cpu_ms_per_message"], each["p50_ms"], each["p95_ms"]]
        table.add_row(each["database"], f"{each['stored']:,}", *[f"{cell:,.1f}" for cell in cells])
    for name, rate in result["floor"].items():
        table.add_row(f"{name}, an echo without storage", "", f"{rate:,.0f}")
    console = Console()
    console.print(table)
    for database, ratio in result["growth"].items():
        console.print(f"{database}: with many stored messages {ratio:.2f} times the time with few")
    for name, reason in result["skipped"].items():
        console.print(f"{name} skipped: {reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer stored messages and shorter runs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", choices=sorted(HALF_LOAD), help="one database alone")
    options = parser.parse_args()
    result = run(QUICK if options.quick else FULL, options.only)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)


if __name__ == "__main__":
    main()
