"""Training speed beside a plain `transformers` Trainer: the same model, dialogues and rows at once, in one process.

    python -m benchmarks.training [--quick] [--json]

Counted are the tokens of the dialogues; padding is nobody's work. Rounds of both take turns, medians are shown.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor

from generation.text import bases, checkpoint
from generation.text.course import step
from generation.text.dialogues import Dialogue
from generation.text.examples import tokens, windows
from generation.text.layout import Layout, Tokens
from generation.text.lessons import Lesson
from generation.text.optimizers import make_optimizers
from generation.text.small_talk import read_topics, small_talk
from generation.text.sources import read_corpus

SHARED = Path(__file__).parents[2] / "shared" / "data" / "star" / "dialogues.valid.jsonl.gz"
ROWS = 8
RATE = 1e-4
IGNORED = -100  # what transformers leaves out of the loss


@dataclass(frozen=True)
class Setting:
    """What all train on, and for how many steps in a round."""

    dialogues: Sequence[Dialogue]
    layout: Layout
    steps: int


def main() -> None:
    """Measures, and prints a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of a few steps")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    figures = measure(rounds=1 if arguments.quick else 3, steps=2 if arguments.quick else 4)
    if arguments.json:
        print(json.dumps(figures))
        return
    print("| training, 10 million parameters, 8 rows | tokens/s | times Trainer |\n| --- | --- | --- |")
    for name, rate in figures.items():
        print(f"| {name} | {rate:,.0f} | {rate / figures['transformers Trainer, float32']:.2f} |")


def measure(rounds: int, steps: int) -> dict[str, float]:
    """Median tokens of dialogue a second, by trainer."""
    model, tokenizer = bases.load_any("builtin")
    setting = Setting(_dialogues(), Layout(tokenizer, model.shape.context), steps)
    with tempfile.TemporaryDirectory(prefix="parley-") as scratch:
        folder = Path(scratch) / "model"
        checkpoint.save(model, tokenizer, folder, torch.float32)
        trainers: dict[str, Callable[[], float]] = {
            "transformers Trainer, float32": lambda: _theirs(setting, folder, bf16=False),
            "transformers Trainer, bf16": lambda: _theirs(setting, folder, bf16=True),
            "Parley": lambda: _ours(setting),
        }
        found: dict[str, list[float]] = {name: [] for name in trainers}
        for _ in range(rounds):
            for name, run in trainers.items():
                found[name].append(run())
    return {name: statistics.median(rates) for name, rates in found.items()}


def _dialogues() -> list[Dialogue]:
    """Public dialogues where they are at hand, otherwise small talk of our own."""
    if SHARED.is_file():
        return read_corpus([SHARED]).dialogues
    return small_talk(read_topics(), 400, random.Random(1))


def _ours(setting: Setting) -> float:
    """Tokens a second of packed rows with our loop."""
    model, _ = bases.load_any("builtin")
    lesson = Lesson(setting.dialogues, setting.layout, rows=ROWS, talks=0, user_weight=1.0, seed=1)
    optimizers = make_optimizers(model, RATE, weight_decay=0.01)
    batches = [lesson.batch(number) for number in range(setting.steps + 1)]
    step(model, optimizers, *batches[0], RATE, ROWS)  # a first step allocates
    started = time.perf_counter()
    for ids, weights in batches[1:]:
        step(model, optimizers, ids, weights, RATE, ROWS)
    seconds = time.perf_counter() - started
    return sum(_words(ids, setting.layout) for ids, _ in batches[1:]) / seconds


def _words(ids: Tensor, layout: Layout) -> int:
    """Tokens before the filler at the end of each row."""
    filled = (ids != layout.end_id).int()
    return int((ids.shape[1] - filled.flip(1).argmax(1)).sum())


def _theirs(setting: Setting, folder: Path, *, bf16: bool) -> float:
    """Tokens a second of dialogues padded to the longest of their batch."""
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    examples = windows(setting.dialogues, setting.layout)
    made = list(tokens(examples, setting.layout, 1.0, random.Random(1)))
    random.Random(1).shuffle(made)
    used = [made[number % len(made)] for number in range(ROWS * (setting.steps + 1))]
    clock = _Clock()
    trainer = transformers.Trainer(
        model=transformers.GPT2LMHeadModel.from_pretrained(folder),
        args=_arguments(folder.parent / "trainer", setting.steps + 1, bf16),
        train_dataset=[_row(example) for example in used],
        data_collator=lambda rows: _padded(rows, setting.layout.end_id),
        callbacks=[clock],
    )
    trainer.train()
    return sum(len(example.ids) for example in used[ROWS:]) / clock.seconds


class _Clock(transformers.TrainerCallback):
    """The seconds from the end of the first step to the end of the last."""

    def __init__(self) -> None:
        self._ends: list[float] = []

    @property
    def seconds(self) -> float:
        return self._ends[-1] - self._ends[0]

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._ends.append(time.perf_counter())


def _arguments(out: Path, steps: int, bf16: bool) -> Any:
    return transformers.TrainingArguments(
        output_dir=str(out),
        max_steps=steps,
        per_device_train_batch_size=ROWS,
        learning_rate=RATE,
        bf16=bf16,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        train_sampling_strategy="sequential",
    )


def _row(example: Tokens) -> dict[str, list[int]]:
    labels = [number if weight else IGNORED for number, weight in zip(example.ids, example.weights, strict=True)]
    return {"input_ids": example.ids, "labels": labels}


def _padded(rows: Sequence[dict[str, list[int]]], filler: int) -> dict[str, Tensor]:
    longest = max(len(row["input_ids"]) for row in rows)

    def padded(name: str, value: int) -> Tensor:
        return torch.tensor([[*row[name], *[value] * (longest - len(row[name]))] for row in rows])

    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in rows])
    return {"input_ids": padded("input_ids", filler), "labels": padded("labels", IGNORED), "attention_mask": mask}


if __name__ == "__main__":
    main()
