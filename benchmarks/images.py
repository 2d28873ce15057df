"""Pictures: how good the generators are after equal training, how fast they draw and learn, and what chats notice.

    python -m benchmarks.images [--quick] [--json] [--minutes N] [--only quality|speed] [--model DIR] [--keep DIR]

Quality: on fashion_mnist at 32 pixels and on photographs of clothes at 64, GAN, DCGAN and VAE learn for N minutes each
(30; with --quick 1) and are judged by one classifier of the set. Speed: with the built-in GAN, or the one in --model.
Trained models and sheets of samples stay in --keep. Needs about 6 N + 6 minutes on two quiet cores, with --quick 12 in
all.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import image_quality, image_speed
from benchmarks.image_quality import Budget

BUILT_IN = Path(__file__).parents[1] / "generation" / "weights" / "images" / "gan"
FULL = Budget(minutes=30, pictures=60_000, classifier=60_000, samples=2000)
QUICK = Budget(minutes=1, pictures=12_000, classifier=25_000, samples=600)
SHOWN = (
    "fid",
    "fid_floor",
    "fid_normal",
    "kid",
    "density",
    "coverage",
    "copy_rate",
    "tag_accuracy",
    "tag_accuracy_real",
    "psnr",
    "pictures/s",
)


def measure(options: argparse.Namespace, keep: Path) -> dict[str, Any]:
    """All figures that were asked for."""
    budget = QUICK if options.quick else FULL
    if options.minutes:
        budget = Budget(options.minutes, budget.pictures, budget.classifier, budget.samples)
    found: dict[str, Any] = {}
    if options.only != "speed":
        for chosen in image_quality.SETS:
            folder = keep / chosen.name.replace(" ", "-")
            found[chosen.name] = image_quality.measure(chosen, budget, folder, _say)
    if options.only != "quality":
        found["speed"] = speed(options.model, quick=options.quick)
    return found


def speed(model: Path, *, quick: bool) -> dict[str, dict[str, float]]:
    """Drawing, learning, and chats beside it."""
    _say("drawing")
    found = {"seconds": image_speed.latency(model, repeats=10 if quick else 50)}
    _say("chatting while pictures are drawn")
    found["chat"] = image_speed.chat_beside(model, seconds=60 if quick else 240)
    _say("learning beside a plain DCGAN")
    found["learning"] = image_speed.training_speed(steps=30 if quick else 100, rounds=2 if quick else 5)
    return found


def show(found: dict[str, Any], console: Console) -> None:
    """Tables for people, and for the README."""
    for name, kinds in found.items():
        if name == "speed":
            continue
        table = Table("figure", *kinds, title=name)
        for figure in SHOWN:
            table.add_row(figure, *(_plain(figures.get(figure, "-")) for figures in kinds.values()))
        console.print(table)
    if "speed" not in found:
        return
    table = Table("figure", "value", "wanted", title="speed")
    seconds, chat, learning = (found["speed"][part] for part in ("seconds", "chat", "learning"))
    table.add_row("one 64x64 picture, first request", f"{seconds['cold'] * 1000:.0f} ms", "under 1500 ms")
    table.add_row("one, warm", f"{seconds['one'] * 1000:.0f} ms", "under 100 ms")
    table.add_row("sixteen, warm", f"{seconds['sixteen'] * 1000:.0f} ms", "under 400 ms")
    table.add_row("the best of many candidates, warm", f"{seconds['best of many'] * 1000:.0f} ms", "-")
    table.add_row("chat p95 alone", f"{chat['alone'] * 1000:.0f} ms", "-")
    table.add_row(f"… beside {chat['pictures/s']:.1f} pictures/s", f"{chat['growth']:.2f} times", "under 1.5 times")
    table.add_row("a plain DCGAN learns", f"{learning['plain pictures/s']:.0f} pictures/s", "-")
    for kind in image_quality.KINDS:
        table.add_row(f"… {kind} of ours", f"{learning[kind]:.2f} times", "-")
    console.print(table)


def _plain(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="about 12 minutes in all")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--minutes", type=float, help="of training for each model")
    parser.add_argument("--only", choices=("quality", "speed"), help="one of the two parts")
    parser.add_argument("--model", type=Path, default=BUILT_IN, help="the GAN whose speed is measured")
    parser.add_argument("--keep", type=Path, help="where trained models and sheets of samples stay")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(options, options.keep or Path(scratch))
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        show(found, Console())


if __name__ == "__main__":
    main()
