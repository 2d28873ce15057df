"""Training of a GPT-2 on dialogues: from scratch or from a base, in full or with LoRA, resumable at any step.

`train` is one straight page: data, model, loop, result. What a run needs to go on after Ctrl-C or a kill
lies in its folder (runs.py); the same options then give the same model as an uninterrupted run.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from generation.errors import ModelUnusable
from generation.text import bases, checkpoint, runs
from generation.text.card import write_card
from generation.text.cleaning import Report, clean
from generation.text.dialogues import Corpus, Dialogue, read_corpus, split
from generation.text.examples import Rows, pack, tokens, windows
from generation.text.layout import Layout
from generation.text.model import GPT2
from generation.text.optimizers import make_optimizers, rate
from generation.text.small_talk import read_topics, small_talk


@dataclass(frozen=True)
class Options:
    """What to train, on what and for how long; with neither `steps` nor `minutes`, three passes over the data.

    `base` is `scratch:SIZE`, a folder or a hub name. `data` and `valid` are dialogue files with the passage
    files that they refer to; without `valid` a twentieth of the conversations is held out. `small_talk`
    conversations of our own are mixed into each pass. `user_weight` is how much the customer's words count in
    the loss, beside 1 for the assistant's.
    """

    data: tuple[Path, ...]
    base: str
    out: Path
    valid: tuple[Path, ...] = ()
    steps: int | None = None
    minutes: float | None = None
    lora: bool = False
    resume: bool = False
    seed: int = 1
    vocabulary: int = 8192
    context: int | None = None
    batch: int = 8
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    user_weight: float = 0.5
    small_talk: int = 200
    validate_every: int = 200
    save_seconds: float = 120
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands; `share` of the whole is 0 to 1, losses are nats per token."""

    step: int
    share: float
    loss: float
    validation: float | None
    tokens_per_second: float
    seconds_left: float


def train(options: Options, report: Callable[[Progress], None], say: Callable[[str], None]) -> Path:
    """Trains and returns the folder of the finished model, `options.out`.

    `report` is called after each step, `say` with each line of the cleaning report. Ctrl-C ends the run after
    the current step with its state saved (KeyboardInterrupt). Raises ModelUnusable when data or base cannot
    be used, or when the run to resume was made with other data or options.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    corpus = read_corpus(options.data)
    training, validation = _dialogues(options, corpus, say)
    run = runs.Run.open(options.out, _identity(options, corpus), options.resume)
    model, tokenizer = bases.load_base(options.base, training, options.vocabulary, options.context, run.folder)
    layout = Layout(tokenizer, options.context or model.shape.context)
    lesson = Lesson(options, training, layout)
    exam = Exam(validation, layout)
    trained = bases.with_lora(model) if options.lora else model
    optimizers = make_optimizers(trained, options.learning_rate, options.weight_decay)
    state = run.restore(trained, optimizers) or runs.State()
    with _deferred_interrupt() as interrupted:
        _loop(options, run, state, lesson, exam, trained, optimizers, report, interrupted)
    finished = bases.merged(trained) if options.lora else model
    checkpoint.save(finished, tokenizer, options.out)
    write_card(options.out, run, state, finished, exam.perplexities(finished))
    return options.out


def _loop(
    options: Options,
    run: runs.Run,
    state: runs.State,
    lesson: Lesson,
    exam: Exam,
    model: nn.Module,
    optimizers: list[torch.optim.Optimizer],
    report: Callable[[Progress], None],
    interrupted: Callable[[], bool],
) -> None:
    total = options.steps or (None if options.minutes else 3 * lesson.steps_per_pass())
    saved = time.monotonic()
    while (share := _share(state, total, options.minutes)) < 1:
        started = time.monotonic()
        ids, weights = lesson.batch(state.step)
        loss = step(model, optimizers, ids, weights, options.learning_rate * rate(share))
        state.step += 1
        state.tokens += ids.numel()
        if state.step % options.validate_every == 0:
            state.validation.append((state.step, exam.loss(model)))
        state.losses.append(loss)
        state.seconds += time.monotonic() - started
        report(_progress(state, _share(state, total, options.minutes)))
        if interrupted() or time.monotonic() - saved > options.save_seconds:
            run.save(state, model, optimizers)
            saved = time.monotonic()
        if interrupted():
            raise KeyboardInterrupt
    run.save(state, model, optimizers)
    run.draw(state)


def step(
    model: nn.Module, optimizers: list[torch.optim.Optimizer], ids: Tensor, weights: Tensor, learning_rate: float
) -> float:
    """One update on rows [B, T + 1]; returns the weighted mean loss in nats per token."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
    loss = batch_loss(model, ids, weights) / weights[:, 1:].sum().clamp(min=1)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad()
    return float(loss.detach())


def batch_loss(model: nn.Module, ids: Tensor, weights: Tensor) -> Tensor:
    """The weighted sum of losses; logits are computed only where a word counts."""
    counts = weights[:, 1:] > 0
    with torch.autocast(ids.device.type, torch.bfloat16):
        hidden = model(ids[:, :-1])
        logits = model.logits(hidden[counts])  # type: ignore[operator]
        losses = F.cross_entropy(logits.float(), ids[:, 1:][counts], reduction="none")
    return (losses * weights[:, 1:][counts]).sum()


class Lesson:
    """The batches of a run: which rows step n sees depends on the options and n alone."""

    def __init__(self, options: Options, dialogues: list[Dialogue], layout: Layout) -> None:
        self._options = options
        self._layout = layout
        self._examples = windows(dialogues, layout)
        self._topics = read_topics()
        self._pass = -1
        self._rows: Rows
        self._first_step = 0
        self._steps = 0
        self._turn_page(0)

    def steps_per_pass(self) -> int:
        return self._steps

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Ids and weights, [batch, T + 1]."""
        while step < self._first_step:
            self._pass, self._first_step = -1, 0
            self._turn_page(0)
        while step >= self._first_step + self._steps:
            self._first_step += self._steps
            self._turn_page(self._pass + 1)
        start = (step - self._first_step) * self._options.batch
        rows = slice(start, start + self._options.batch)
        return self._rows.ids[rows], self._rows.weights[rows]

    def _turn_page(self, number: int) -> None:
        rng = random.Random(f"{self._options.seed}:{number}")
        talk = windows(small_talk(self._topics, self._options.small_talk, rng), self._layout)
        made = list(tokens([*self._examples, *talk], self._layout, self._options.user_weight, rng))
        self._rows = pack(made, self._layout.context, self._layout.end_id, rng)
        self._steps = -(-len(self._rows) // self._options.batch)
        self._pass = number


class Exam:
    """Validation on dialogues that training never sees."""

    def __init__(self, dialogues: list[Dialogue], layout: Layout, most: int = 60) -> None:
        self._layout = layout
        self._by_source: dict[str, Rows] = {}
        self._words: dict[str, int] = {}
        for source in sorted({dialogue.source for dialogue in dialogues}):
            chosen = [dialogue for dialogue in dialogues if dialogue.source == source][:most]
            rng = random.Random(source)
            made = list(tokens(windows(chosen, layout), layout, 1.0, rng))
            self._by_source[source] = pack(made, layout.context, layout.end_id, rng)
            self._words[source] = sum(len(turn.text.split()) for dialogue in chosen for turn in dialogue.turns)

    def loss(self, model: nn.Module) -> float:
        """Nats per token, the mean over the sets."""
        losses = [total / count for total, count in (_total(model, rows) for rows in self._by_source.values()) if count]
        return sum(losses) / max(len(losses), 1)

    def perplexities(self, model: GPT2) -> dict[str, tuple[float, float]]:
        """By set, perplexity per token and per word (words by white space)."""
        found: dict[str, tuple[float, float]] = {}
        for source, rows in self._by_source.items():
            total, count = _total(model, rows)
            if count:
                found[source] = _exp(total / count), _exp(total / max(self._words[source], 1))
        return found


def _exp(nats: float) -> float:
    return float(torch.tensor(nats).exp())


@torch.no_grad()
def _total(model: nn.Module, rows: Rows, batch: int = 8) -> tuple[float, float]:
    total = count = 0.0
    for start in range(0, len(rows), batch):
        weights = rows.weights[start : start + batch]
        total += float(batch_loss(model, rows.ids[start : start + batch], weights))
        count += float(weights[:, 1:].sum())
    return total, count


def _dialogues(options: Options, corpus: Corpus, say: Callable[[str], None]) -> tuple[list[Dialogue], list[Dialogue]]:
    report = Report()
    cleaned = clean(corpus.dialogues, report)
    for line in report.lines():
        say(line)
    if options.valid:
        training, validation = cleaned, clean(read_corpus(options.valid).dialogues, Report())
    else:
        training, validation = split(cleaned, share=0.05)
    if not training:
        raise ModelUnusable("There is nothing to learn from: no dialogue is left after cleaning.")
    return training, validation


def _identity(options: Options, corpus: Corpus) -> dict[str, object]:
    """What must be equal for a run to be resumed; how long it runs may change."""
    free = {"data", "valid", "out", "steps", "minutes", "resume", "threads", "save_seconds", "validate_every"}
    kept = {name: value for name, value in vars(options).items() if name not in free}
    return {"options": kept, "data": corpus.hashes}


def _share(state: runs.State, steps: int | None, minutes: float | None) -> float:
    by_steps = state.step / steps if steps else 0.0
    by_time = state.seconds / (60 * minutes) if minutes else 0.0
    return max(by_steps, by_time)


def _progress(state: runs.State, share: float) -> Progress:
    return Progress(
        step=state.step,
        share=min(share, 1.0),
        loss=sum(state.losses[-50:]) / len(state.losses[-50:]),
        validation=state.validation[-1][1] if state.validation else None,
        tokens_per_second=state.tokens / max(state.seconds, 1e-9),
        seconds_left=state.seconds * (1 - share) / share if share else 0.0,
    )


@contextmanager
def _deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM are noted instead of raised, so that a step is never left half done."""
    noted: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, lambda received, frame: noted.append(received))
        yield lambda: bool(noted)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
