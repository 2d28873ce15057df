"""How fast the text engine is beside what one would use instead, on the same model in the same minutes.

    python -m benchmarks.text_engine [--quick] [--json] [--size small gpt2] [--threads N] [--device cuda]

Peers take turns within each figure, in rounds, so that other work on the machine slows all of them; ratios of medians
are what to trust. Both models with all peers take about ten minutes. Three figures: a batch of equal prompts (256
tokens and 64 new ones), 32 chats that keep the engine busy (Poisson arrivals, prompts of 50 to 400 tokens, replies of
10 to 80), and the time to the first token when 200 of 256 prompt tokens are known from an earlier one. Beside them
stands how near one reply alone comes to the bound that memory sets: each token needs all weights once. Needs
`pip install parley-bot[benchmarks]`.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import torch

from benchmarks.text_peers import CTranslate2, Ids, Ours, Peer, Transformers, make_checkpoint

SIZES = {
    "small": {"vocabulary": 16_000, "width": 384, "layers": 6, "heads": 6},  # 17M parameters
    "gpt2": {"vocabulary": 50_257, "width": 768, "layers": 12, "heads": 12},  # 124M
}
OFFERED = {"small": 40.0, "gpt2": 8.0}  # requests a second: more than can be served
CHATS, PROMPT, NEW, KNOWN = 32, 256, 64, 200


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    batches: Sequence[int]
    repeats: int
    rounds: int  # of serving
    seconds: float  # of each peer's serving in one round


QUICK = Plan((1, 8), 3, 1, 8.0)
WHOLE = {"small": Plan((1, 8, 32), 5, 3, 12.0), "gpt2": Plan((1, 8, 32), 3, 3, 15.0)}
WANTED = {  # must and goal: times `generate`, seconds for the first token as a share of CTranslate2's, times cold
    "batch 1": "3.5 / 5",
    "batch 32": "4 / 6",
    "requests/s": "12 / 16",
    "first token p95": "0.1 / 0.05 of CTranslate2's",
}


class Prompts:
    """Prompts of random tokens, so that no two share a beginning unless one is asked for."""

    def __init__(self, vocabulary: int) -> None:
        self._random = random.Random(1)
        self._vocabulary = vocabulary

    def of(self, length: int, known: Ids | None = None) -> Ids:
        """`length` tokens, the first of them `known`."""
        begin = list(known or ())
        return begin + [self._random.randrange(1, self._vocabulary) for _ in range(length - len(begin))]


def seconds_of(work: Callable[[], None]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure_batches(peers: Sequence[Peer], prompts: Prompts, plan: Plan) -> dict[str, dict[str, float]]:
    """Median seconds of each peer by batch size."""
    found = {}
    for size in plan.batches:
        times: dict[str, list[float]] = {peer.name: [] for peer in peers}
        for peer in peers:
            peer.batch([prompts.of(8)] * size, 2)  # first calls pay for what is made once
        for _ in range(plan.repeats if size < 32 else max(plan.repeats // 2, 2)):
            for peer in peers:
                asked = [prompts.of(PROMPT) for _ in range(size)]
                times[peer.name].append(seconds_of(lambda peer=peer, asked=asked: peer.batch(asked, NEW)))  # type: ignore[misc]
        found[f"batch {size}"] = {name: median(values) for name, values in times.items()}
    return found


@dataclass
class Served:
    """What the chats saw; a request counts by the share of its tokens that came in time."""

    end: float
    requests: float = 0.0
    waits: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, share: float, wait: float | None) -> None:
        """One token, and how long it was waited for if it is a reply's first."""
        now = time.perf_counter()
        with self.lock:
            if now < self.end:
                self.requests += share
            if wait is not None:
                self.waits.append(wait)


def measure_serving(peers: Sequence[Peer], vocabulary: int, offered: float, plan: Plan) -> dict[str, dict[str, float]]:
    """Medians of what each peer's chats saw in each round."""
    seen: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in peers}
    for number in range(plan.rounds):
        for peer in peers:
            seen[peer.name].append(serve(peer, vocabulary, offered, plan.seconds, number))
    return {name: {key: median(round_[key] for round_ in rounds) for key in rounds[0]} for name, rounds in seen.items()}


def serve(peer: Peer, vocabulary: int, offered: float, seconds: float, seed: int) -> dict[str, float]:
    """Requests/s and seconds to the first token with 32 chats, each with one question at a time."""
    served = Served(time.perf_counter() + seconds)
    chats = [
        threading.Thread(target=_chat, args=(peer, CHATS * seed + number, vocabulary, offered / CHATS, served))
        for number in range(CHATS)
    ]
    for chat in chats:
        chat.start()
    for chat in chats:
        chat.join()
    cuts = quantiles(served.waits, n=20) if len(served.waits) > 1 else served.waits * 19
    return {"requests/s": served.requests / seconds, "first token p50": cuts[9], "first token p95": cuts[18]}


def _chat(peer: Peer, number: int, vocabulary: int, rate: float, served: Served) -> None:
    chance = random.Random(number)
    arrival = time.perf_counter()
    while True:
        arrival += chance.expovariate(rate)
        if max(arrival, time.perf_counter()) > served.end:
            return
        time.sleep(max(arrival - time.perf_counter(), 0))
        prompt = [chance.randrange(1, vocabulary) for _ in range(chance.randint(50, 400))]
        _ask(peer, prompt, chance.randint(10, 80), served)


def _ask(peer: Peer, prompt: Ids, count: int, served: Served) -> None:
    sent = time.perf_counter()
    waited: list[float] = []

    def on_token() -> bool:
        first = not waited
        if first:
            waited.append(time.perf_counter() - sent)
        served.note(1 / count, waited[0] if first else None)
        return time.perf_counter() < served.end

    peer.stream(prompt, count, on_token)


def measure_prefix(peer: Peer, prompts: Prompts, repeats: int) -> dict[str, float]:
    """Median seconds to the first token of a prompt that is new, and of one whose first 200 tokens are known."""
    known = prompts.of(KNOWN)
    peer.batch([prompts.of(PROMPT, known)], 1)
    cold, warm = [], []
    for _ in range(repeats):
        new, old = prompts.of(PROMPT), prompts.of(PROMPT, known)
        cold.append(seconds_of(lambda new=new: peer.batch([new], 1)))  # type: ignore[misc]
        warm.append(seconds_of(lambda old=old: peer.batch([old], 1)))  # type: ignore[misc]
    return {"cold": median(cold), "warm": median(warm)}


def measure_bound(peer: Peer, prompts: Prompts, weights: float, device: str, repeats: int) -> dict[str, float]:
    """Tokens/s of one reply alone, and how many there were if reading `weights` bytes were all that it took."""
    whole, first = [], []
    for _ in range(repeats):
        asked = prompts.of(PROMPT)
        first.append(seconds_of(lambda asked=asked: peer.batch([asked], 1)))  # type: ignore[misc]
        whole.append(seconds_of(lambda: peer.batch([prompts.of(PROMPT)], NEW)))
    block = torch.ones(2**27, device=device)  # 512 MiB
    float(block.sum())
    reading = median(seconds_of(lambda: float(block.sum())) for _ in range(5))  # type: ignore[arg-type]
    return {
        "tokens/s": (NEW - 1) / (median(whole) - median(first)),
        "bound": block.nbytes / reading / weights,
    }


@contextmanager
def open_peers(folder: Path, device: str, threads: int) -> Iterator[list[Peer]]:
    """Each peer with the model of the folder; CTranslate2 only on the CPU, as its GPU libraries are a download."""
    peers: list[Peer] = [Transformers(folder, device)]
    peers += [CTranslate2(folder, threads)] if device == "cpu" else []
    peers.append(Ours(folder, device, threads, CHATS))
    try:
        yield peers
    finally:
        for peer in peers:
            peer.close()


def measure(size: str, plan: Plan, device: str, threads: int) -> dict[str, Any]:
    """All figures of one model size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_checkpoint(folder, **SIZES[size])
        vocabulary = SIZES[size]["vocabulary"]
        prompts = Prompts(vocabulary)
        with open_peers(folder, device, threads) as peers:
            found: dict[str, Any] = measure_batches(peers, prompts, plan)
            found["serving"] = measure_serving(peers, vocabulary, OFFERED[size], plan)
            found["prefix"] = {peers[-1].name: measure_prefix(peers[-1], prompts, 2 * plan.repeats + 1)}
            weights = (folder / "model.safetensors").stat().st_size / (4 if device == "cpu" else 2)  # int8 or bf16
            found["alone"] = {peers[-1].name: measure_bound(peers[-1], prompts, weights, device, plan.repeats)}
    return found


def show(size: str, found: dict[str, Any]) -> None:
    """The figures as a table; ratios are against `transformers.generate`, larger is better."""
    print(f"\n## {size}\n")
    serving = found["serving"]
    names = list(serving)
    print("| figure |", " | ".join(names), "| must / goal |\n| --- |", " | ".join("---" for _ in names), "| --- |")
    for figure in (key for key in found if key.startswith("batch")):
        base = found[figure][names[0]]
        cells = [f"{found[figure][name]:.2f} s ({base / found[figure][name]:.1f})" for name in names]
        print(f"| {figure} |", " | ".join(cells), f"| {WANTED.get(figure, '-')} |")
    base = serving[names[0]]["requests/s"]
    cells = [f"{serving[name]['requests/s']:.2f} ({serving[name]['requests/s'] / base:.1f})" for name in names]
    print("| requests/s |", " | ".join(cells), f"| {WANTED['requests/s']} |")
    for figure in ("first token p50", "first token p95"):
        cells = [f"{serving[name][figure]:.2f} s" for name in names]
        print(f"| {figure} |", " | ".join(cells), f"| {WANTED.get(figure, '-')} |")
    for name, times in found["prefix"].items():
        print(f"\n{name}: first token {times['cold'] * 1000:.0f} ms, with {KNOWN} of {PROMPT} tokens known", end=" ")
        print(f"{times['warm'] * 1000:.0f} ms: {times['cold'] / times['warm']:.1f} times sooner (must 3, goal 4)")
    for name, speed in found["alone"].items():
        share = speed["tokens/s"] / speed["bound"]
        print(f"{name}: {speed['tokens/s']:.0f} tokens/s for one reply, {share:.0%} of what memory allows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="the small model and few repeats")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--size", nargs="+", choices=SIZES, help="which models")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for every peer")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(options.threads)
    plans = {"small": QUICK} if options.quick else WHOLE
    sizes = options.size or list(plans)
    found = {size: measure(size, plans.get(size, QUICK), options.device, options.threads) for size in sizes}
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for size, figures in found.items():
        show(size, figures)


if __name__ == "__main__":
    main()
