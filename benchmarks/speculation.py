"""Whether speculative decoding would pay: the built-in model drafts, a larger GPT-2 verifies.

    python -m benchmarks.speculation [--json] [--target FOLDER] [--threads N]

A draft of k tokens costs k steps of the drafter and one pass of the target over k + 1 tokens of each reply; with an
acceptance of a it gives (1 - a^(k+1)) / (1 - a) tokens (Leviathan et al., 2023, "Fast Inference from Transformers via
Speculative Decoding"). The passes are measured with the engine's own runner, for several replies at once. The
acceptance is the mean overlap of both models' predictions on the assistant's words of held-out dialogues, for a target
that has the drafter's tokenizer; without one, random weights of GPT-2's size (124M) show the times alone, and how high
the acceptance would have to be. The bot itself asks for three sayings at once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import torch
from tokenizers import Tokenizer

from generation.text import bases
from generation.text.dialogues import Dialogue
from generation.text.examples import tokens, windows
from generation.text.layout import Layout
from generation.text.model import GPT2, Shape
from generation.text.serving.cache import Segment
from generation.text.serving.runner import Runner
from generation.text.serving.runners import make_runner, prepared
from generation.text.serving.threads import seconds_of
from generation.text.sources import read_corpus

DIALOGUES = Path(__file__).parents[2] / "shared" / "data" / "star" / "dialogues.valid.jsonl.gz"
CPU = torch.device("cpu")
BATCHES = (1, 3, 8, 32)
DRAFTS = (1, 2, 3, 4, 6)
ACCEPTANCES = (0.4, 0.5, 0.6, 0.7, 0.8)
KNOWN = 256  # tokens before
REPEATS = 15


@dataclass(frozen=True)
class Costs:
    """Times of the target's step of one token: the drafter's step, and the target's pass over each draft."""

    step: float  # seconds
    draft: float
    verify: dict[int, float]

    def gain(self, acceptance: float) -> tuple[float, int]:
        """How many times quicker the best length of drafts is, and that length."""
        gains = {count: _tokens(acceptance, count) / (count * self.draft + self.verify[count]) for count in DRAFTS}
        best = max(gains, key=lambda count: gains[count])
        return gains[best], best

    @property
    def break_even(self) -> float:
        """The acceptance from which on drafts pay; 1 if they never do."""
        return next((share / 100 for share in range(100) if self.gain(share / 100)[0] > 1), 1.0)


def _tokens(acceptance: float, count: int) -> float:
    return sum(acceptance**place for place in range(count + 1))


def costs(target: Runner, drafter: Runner, batch: int) -> Costs:
    """Measured in turns, so that other work on the machine slows all alike."""
    passes = {("target", count): (target, count) for count in (1, *(count + 1 for count in DRAFTS))}
    passes["drafter", 1] = (drafter, 1)
    times: dict[tuple[str, int], list[float]] = {name: [] for name in passes}
    for _ in range(REPEATS):
        for name, (runner, count) in passes.items():
            times[name].append(seconds_of(lambda runner=runner, count=count: _pass(runner, batch, count)))  # type: ignore[misc]
    step = median(times["target", 1])
    verify = {count: median(times["target", count + 1]) / step for count in DRAFTS}
    return Costs(step, median(times["drafter", 1]) / step, verify)


@torch.inference_mode()
def _pass(runner: Runner, batch: int, count: int) -> None:
    """All logits of `count` tokens of each reply, as a verification needs them."""
    segments = [Segment(slot, KNOWN + place, [1]) for slot in range(batch) for place in range(count)]
    runner._read(segments, torch.ones(len(segments), dtype=torch.long))


@torch.inference_mode()
def acceptance(target: GPT2, drafter: GPT2, tokenizer: Tokenizer, dialogues: Sequence[Dialogue]) -> float:
    """The chance that a drafted token of the assistant's words is kept, both models at temperature 1."""
    layout, overlaps = Layout(tokenizer, min(target.shape.context, drafter.shape.context)), []
    for example in tokens(windows(dialogues, layout), layout, 0.0, random.Random(1)):
        ids = torch.tensor([example.ids[: layout.context]])
        said = torch.tensor(example.weights[1 : layout.context]) > 0
        chances = [model.logits(model(ids))[0, :-1][said].softmax(-1) for model in (target, drafter)]
        overlaps += torch.minimum(*chances).sum(-1).tolist()
    return float(mean(overlaps))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--target", type=Path, help="a larger model with the built-in one's tokenizer")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    drafter, tokenizer = bases.load_any("builtin")
    if options.target:
        target, theirs = bases.load_any(str(options.target))
        if theirs.get_vocab() != tokenizer.get_vocab():
            parser.error("the target has another tokenizer: what is drafted would mean something else to it")
        if not DIALOGUES.is_file():
            parser.error(f"the acceptance is measured on {DIALOGUES}, which is not there")
        accepted = acceptance(target, drafter, tokenizer, read_corpus([DIALOGUES]).dialogues[:60])
    else:
        target, accepted = GPT2(Shape(drafter.shape.vocabulary, 512, 768, 12, 12)), None
    probe = torch.tensor([tokenizer.encode("Hello! How can I help you today?").ids])
    verifies, drafts = (make_runner(prepared(model, probe), max(BATCHES), CPU) for model in (target, drafter))
    found = {batch: costs(verifies, drafts, batch) for batch in BATCHES}
    if options.json:
        print(json.dumps({"acceptance": accepted, "costs": {batch: vars(cost) for batch, cost in found.items()}}))
        return
    show(found, accepted)


def show(found: dict[int, Costs], accepted: float | None) -> None:
    """The gain for each acceptance, and from which one on there is any."""
    columns = ACCEPTANCES if accepted is None else (accepted,)
    print(
        "| replies at once | drafter's step | verifying 4 |",
        *(f"{share:.2f} kept |" for share in columns),
        "pays from |",
    )
    print("| --- " * (len(columns) + 4) + "|")
    for batch, cost in found.items():
        gains = [f"{gain:.2f} ({count}) |" for gain, count in map(cost.gain, columns)]
        print(f"| {batch} | {cost.draft:.2f} | {cost.verify[4]:.2f} |", *gains, f"{cost.break_even:.2f} |")


if __name__ == "__main__":
    main()
