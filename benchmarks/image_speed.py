"""How fast pictures are drawn and learnt, and what chats notice of it."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from benchmarks import feel, plain_dcgan
from benchmarks.image_quality import KINDS, SETS, LastProgress
from generation.images.model import ImageModel
from generation.images.networks import Architecture
from generation.images.pictures import read_pictures
from generation.images.pixels import to_tensor
from generation.images.serving.engine import ImageEngine
from generation.images.training import Options, train

SIZE, BATCH = 64, 32
PICTURES_A_SECOND = 8
THINKING_SECONDS = 0.5
TALK = ("hi there", "how are you today?", "thank you!", "who are you?", "tell me something nice")


def training_speed(steps: int, rounds: int) -> dict[str, float]:
    """Pictures a second of each kind as ratios to the plain loop with the widths of our DCGAN; all take turns."""
    file = SETS[1].file
    pictures = to_tensor(read_pictures(file, size=SIZE).images)
    usual = Architecture.of("dcgan", SIZE, 3, 0)
    speeds: dict[str, list[float]] = {name: [] for name in ("plain", *KINDS)}
    for _ in range(rounds):
        speeds["plain"].append(plain_dcgan.pictures_per_second(pictures, usual.latent, usual.widths, BATCH, steps))
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as folder:
                last = LastProgress()
                options = Options(kind, file, SIZE, Path(folder), steps=steps, batch=BATCH, report=False)
                train(options, last.note, lambda line: None)
                speeds[kind].append(last.pictures_per_second)
    plain = statistics.median(speeds["plain"])
    found = {"plain pictures/s": plain}
    return found | {kind: statistics.median(speeds[kind]) / plain for kind in KINDS}


def latency(folder: Path, repeats: int) -> dict[str, float]:
    """Median seconds from request to PNG files, with a seed, and for the best of many; and of a first request."""
    cold = [_in_new_process(folder) for _ in range(3)]
    return {"cold": statistics.median(cold)} | asyncio.run(_warm(folder, repeats))


async def _warm(folder: Path, repeats: int) -> dict[str, float]:
    tags = _tags(folder)
    engine = ImageEngine(lambda kind: folder if kind == "gan" else None)
    try:
        await engine.draw(tags, seed=0, size=SIZE)
        times: dict[str, list[float]] = {"one": [], "sixteen": [], "best of many": []}
        for seed in range(16, 16 + 32 * repeats, 32):  # none twice: known pictures come from the cache
            asked = {"one": (seed, 1), "sixteen": (seed + 1, 16), "best of many": (None, 1)}
            for name, (first, count) in asked.items():
                started = time.perf_counter()
                await engine.draw(tags, seed=first, count=count, size=SIZE)
                times[name].append(time.perf_counter() - started)
        return {name: statistics.median(values) for name, values in times.items()}
    finally:
        await engine.close()


def _in_new_process(folder: Path) -> float:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_first, folder).result()


def _first(folder: Path) -> float:
    """Of an engine that has loaded nothing, in a process that has torch already, as a bot has that talks."""

    async def draw() -> float:
        engine = ImageEngine(lambda kind: folder if kind == "gan" else None)
        started = time.perf_counter()
        await engine.draw((), seed=1, size=SIZE)
        passed = time.perf_counter() - started
        await engine.close()
        return passed

    return asyncio.run(draw())


def _tags(folder: Path) -> Sequence[str]:
    return ImageModel.load(folder, "cpu").tags.names[:1]


def chat_beside(folder: Path, seconds: float) -> dict[str, float]:
    """p95 of a chat's replies in seconds on a running bot, alone and while pictures are drawn, in turns; and how many
    pictures a second there were."""
    os.environ["PARLEY_IMAGES__GAN"] = str(folder.resolve())
    os.environ["PARLEY_IMAGES__DAILY_PER_USER"] = "1000000"
    return asyncio.run(_chat_beside(_tags(folder)[0], seconds))


async def _chat_beside(wish: str, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        async with feel.server(Path(name) / "bot") as (url, _, _), aiohttp.ClientSession(url) as session:
            await _draw(session, wish)
            alone: list[float] = []
            beside: list[float] = []
            drawn = 0
            for _ in range(2):
                alone += await _talk(session, seconds / 4)
                async with _drawing(session, wish) as pictures:
                    beside += await _talk(session, seconds / 4)
                drawn += len(pictures)
    p95 = [statistics.quantiles(times, n=20)[18] for times in (alone, beside)]
    return {"alone": p95[0], "beside": p95[1], "growth": p95[1] / p95[0], "pictures/s": drawn / (seconds / 2)}


async def _talk(session: aiohttp.ClientSession, seconds: float) -> list[float]:
    """The time of each reply of one customer at a time, who thinks a little before saying the next thing."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    for number in itertools.count():
        started = time.perf_counter()
        if started > end:
            return times
        body = {"user": f"chat-{end}-{number // 10}", "text": TALK[number % len(TALK)]}
        async with session.post("/api/messages", json=body) as response:
            response.raise_for_status()
            await response.read()
        times.append(time.perf_counter() - started)
        await asyncio.sleep(THINKING_SECONDS)
    return times


@asynccontextmanager
async def _drawing(session: aiohttp.ClientSession, wish: str) -> AsyncIterator[list[float]]:
    """Each second a wish for eight pictures, whether or not the ones before are done; when each picture was there."""
    done: list[float] = []

    async def keep_asking() -> None:
        async with asyncio.TaskGroup() as wishes:
            while True:
                wishes.create_task(ask())
                await asyncio.sleep(1)

    async def ask() -> None:
        if await _draw(session, wish):
            done.extend([time.perf_counter()] * PICTURES_A_SECOND)

    asking = asyncio.create_task(keep_asking())
    try:
        yield done
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def _draw(session: aiohttp.ClientSession, wish: str) -> bool:
    body = {"prompt": wish, "n": PICTURES_A_SECOND, "size": f"{SIZE}x{SIZE}", "response_format": "b64_json"}
    async with session.post("/v1/images/generations", json=body) as response:
        await response.read()
        return response.status == 200
