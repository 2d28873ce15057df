"""`python -m benchmarks.channels`"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table

from benchmarks.channels import fuzz, latency, load, memory

UPDATES = {"memory": 100_000, "fuzz": 10_000, "latency": 300}
QUICK_UPDATES = {"memory": 20_000, "fuzz": 1_000, "latency": 60}
STEPS = 10
WIDTH = 120


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.channels", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer customers, updates and seconds")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", choices=MEASUREMENTS, help="one of the measurements")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    console = Console(stderr=options.json, width=WIDTH)
    results: dict[str, Any] = {}
    for name, measure in MEASUREMENTS.items():
        if options.only in (None, name):
            results[name] = measure(options.quick, console)
    if options.json:
        print(json.dumps(results, indent=2, default=asdict))


def measure_load(quick: bool, console: Console) -> load.Outcome:
    size = load.QUICK if quick else load.FULL
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(load.run(size, Path(folder)))
    table = Table(
        title=f"{size.customers} customers a platform, {size.messages} messages each in {size.seconds:.0f} s; "
        f"{outcome.kills} kills, {outcome.connections} gateway connections, done after {outcome.seconds:.0f} s"
    )
    for column in (
        "",
        "sent",
        "answered",
        "wrong chats",
        "doubled",
        "limits exceeded",
        "after kills",
        "refused",
        "p50 s",
        "p95 s",
    ):
        table.add_column(column)
    for each in outcome.platforms:
        figures = (
            each.sent,
            each.answered,
            len(each.wrong_chats),
            each.doubled,
            sum(each.violations.values()),
            each.after_kills,
        )
        table.add_row(each.platform, *map(str, figures), str(each.refused), f"{each.p50:.2f}", f"{each.p95:.2f}")
    console.print(table)
    for each in outcome.platforms:
        for line in each.wrong_chats[:5]:
            console.print(f"{each.platform}, {line}")
    return outcome


def measure_latency(quick: bool, console: Console) -> list[latency.Latency]:
    found = asyncio.run(latency.measure(_updates("latency", quick)))
    table = Table(title="Added by an adapter, without limits in the way, ms")
    for column in ("", "messages", "p50", "p95", "in p95", "out p95"):
        table.add_column(column)
    for each in found:
        times = (each.added_p50, each.added_p95, each.inwards_p95, each.outwards_p95)
        table.add_row(each.platform, str(each.messages), *(f"{time:.1f}" for time in times))
    console.print(table)
    return found


def measure_memory(quick: bool, console: Console) -> list[memory.Curve]:
    updates = _updates("memory", quick)
    curves = asyncio.run(memory.measure(updates, updates // STEPS))
    table = Table(title="Resident memory of an adapter's process, MB")
    table.add_column("updates")
    for curve in curves:
        table.add_column(f"{curve.platform} ({curve.updates_per_second:.0f}/s)")
    for count in curves[0].megabytes:
        table.add_row(f"{count:,}", *(f"{curve.megabytes[count]:.1f}" for curve in curves))
    console.print(table)
    return curves


def measure_fuzz(quick: bool, console: Console) -> list[fuzz.Survival]:
    found = asyncio.run(fuzz.measure(_updates("fuzz", quick)))
    table = Table(title="Spoiled updates")
    for column in ("", "updates", "answers afterwards", "restarts", "lines in the log"):
        table.add_column(column)
    for each in found:
        lines = "\n".join(f"{count} {line}" for line, count in each.lines.items())
        table.add_row(each.platform, f"{each.updates:,}", str(each.survived), str(each.restarts), lines)
    console.print(table)
    return found


def _updates(kind: str, quick: bool) -> int:
    return (QUICK_UPDATES if quick else UPDATES)[kind]


MEASUREMENTS: dict[str, Callable[[bool, Console], Any]] = {
    "load": measure_load,
    "latency": measure_latency,
    "memory": measure_memory,
    "fuzz": measure_fuzz,
}

if __name__ == "__main__":
    main()
