"""Training of a GPT-2 on dialogues: from scratch or from a base, in full or with LoRA, resumable at any step.

`train` is one straight page: data, model, course, result. What a run needs to go on after Ctrl-C or a kill
lies in its folder (runs.py); the same options then give the same model as an uninterrupted run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from generation.errors import ModelUnusable
from generation.interrupts import deferred_interrupt
from generation.text import bases, checkpoint, runs
from generation.text.card import Card, write_card
from generation.text.cleaning import clean
from generation.text.contrast import Contrast
from generation.text.course import Course, Progress, Schedule
from generation.text.dialogues import Dialogue, split
from generation.text.layout import Layout
from generation.text.lessons import Exam, Lesson
from generation.text.lineage import Lineage
from generation.text.personal import Find, by_form
from generation.text.report import Report
from generation.text.sources import Corpus, read_corpus
from generation.text.tracking import opened_trackers
from generation.text.voices import Voice

HELD_OUT = 0.05  # share of the conversations


@dataclass(frozen=True, slots=True)
class Habits:
    """What a run does where its options do not say: passes over the data, learning rate, chats of small talk in a pass
    and rows at once."""

    passes: int
    learning_rate: float
    small_talk: int
    batch: int


FROM_SCRATCH = Habits(passes=3, learning_rate=2e-3, small_talk=200, batch=8)
TUNING = Habits(passes=4, learning_rate=1e-3, small_talk=50, batch=4)


@dataclass(frozen=True)
class Options:
    """What to train, on what and for how long; what is None is a matter of habit (`Habits`).

    `base` is `builtin`, `scratch:SIZE`, a folder or a hub name. `data` and `valid` are files that `read_corpus` reads;
    without `valid` a twentieth of the conversations is held out. `assistants` are those who speak for the shop in
    exported chats, `languages` (ISO 639-1) those that are kept, all if empty. `voice` is the persona that the dialogues
    are told by; without one each has a persona of its own. `small_talk` conversations of our own are mixed into each
    pass, and `questions` conversations that the data's passages answer. With `contrast` each step also learns to tell
    which reply belongs to which conversation. `user_weight` is how much the customer's words count in the loss, beside
    1 for the assistant's. A step learns from `batch` times `accumulate` rows. After `patience` validations without
    progress the run ends; 0 lets it go on. `trackers` are `tensorboard` and `wandb`. With `samples` the model's card
    shows conversations with it. `find` tells people's numbers and addresses, which cleaning replaces.
    """

    data: tuple[Path, ...]
    base: str
    out: Path
    valid: tuple[Path, ...] = ()
    assistants: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    voice: Voice | None = None
    steps: int | None = None
    minutes: float | None = None
    lora: bool = False
    rank: int = 8
    resume: bool = False
    seed: int = 1
    vocabulary: int = 8192
    context: int | None = None
    batch: int | None = None
    accumulate: int = 1
    checkpointing: bool = False
    learning_rate: float | None = None
    weight_decay: float = 0.01
    user_weight: float = 0.0
    small_talk: int | None = None
    questions: int = 0
    contrast: bool = False
    validate_every: int | None = None
    patience: int = 5
    save_seconds: float = 120
    threads: int | None = None
    device: str = "auto"
    trackers: tuple[str, ...] = ()
    samples: bool = True
    find: Find = by_form

    @property
    def habits(self) -> Habits:
        """Those for random weights, or for a base that knows something."""
        return FROM_SCRATCH if self.base.startswith("scratch:") else TUNING

    @property
    def rows(self) -> int:
        """Computed at once."""
        return self.batch or self.habits.batch


RUNNING = {"data", "valid", "out", "steps", "minutes", "resume", "threads", "save_seconds", "validate_every"} | {
    "patience",
    "device",
    "trackers",
    "checkpointing",
    "samples",
    "find",
}
"""Options that may change when a run is resumed."""


def train(options: Options, report: Callable[[Progress], None], say: Callable[[str], None]) -> Path:
    """Trains and returns the folder of the finished model, `options.out`.

    `report` is called after each step, `say` with each line of the cleaning report. Ctrl-C ends the run after
    the current step with its state saved (KeyboardInterrupt). Raises ModelUnusable when data or base cannot
    be used, or when the run to resume was made with other data or options.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    corpus = read_corpus(options.data, options.assistants)
    cleaning = Report()
    training, validation = _dialogues(options, corpus, cleaning, say)
    run = runs.Run.open(options.out, _identity(options, corpus), options.resume)
    cleaning.write(run.folder)
    lineage = Lineage.of(options.base, corpus.hashes, training, validation)
    lineage.write(run.folder)
    model, tokenizer = bases.load_base(options.base, training, options.vocabulary, options.context, run.folder)
    layout = Layout(tokenizer, options.context or model.shape.context)
    exam = Exam(validation, layout, everybody=options.user_weight > 0, voice=options.voice)
    device = _device(options.device)
    trained = (bases.with_lora(model, options.rank) if options.lora else model).to(device)
    if options.checkpointing:
        bases.recompute(model)
    lesson = _lesson(options, training, _passages(corpus, validation), layout)
    with (
        opened_trackers(options.trackers, run.folder, run.identity["options"]) as trackers,
        deferred_interrupt() as interrupted,
    ):
        contrast = Contrast(training, layout, seed=options.seed, voice=options.voice) if options.contrast else None
        course = Course(_schedule(options, lesson), run, lesson, exam, trained, trackers, contrast)
        state = course.complete(report, interrupted)
    finished = (bases.merged(trained) if options.lora else model).cpu()
    checkpoint.save(finished, tokenizer, options.out)
    card = Card(run.identity["options"], state, exam.perplexities(finished), lineage, cleaning, options.voice)
    write_card(options.out, finished, card, samples=options.samples)
    return options.out


def _dialogues(
    options: Options, corpus: Corpus, report: Report, say: Callable[[str], None]
) -> tuple[list[Dialogue], list[Dialogue]]:
    cleaned = clean(corpus.dialogues, report, options.languages, options.find)
    for line in report.lines():
        say(line)
    if options.valid:
        held_out = read_corpus(options.valid, options.assistants).dialogues
        training, validation = cleaned, clean(held_out, Report(), options.languages, options.find)
    else:
        training, validation = split(cleaned, share=HELD_OUT)
    if not training:
        raise ModelUnusable("There is nothing to learn from: no dialogue is left after cleaning.")
    return training, validation


def _passages(corpus: Corpus, validation: list[Dialogue]) -> list[str]:
    """Those that no dialogue of the validation is about."""
    examined = {text for dialogue in validation for turn in dialogue.turns for text in turn.passages}
    return [text for text in corpus.passages.values() if text not in examined]


def _lesson(options: Options, training: list[Dialogue], passages: list[str], layout: Layout) -> Lesson:
    talks = options.habits.small_talk if options.small_talk is None else options.small_talk
    return Lesson(
        training,
        layout,
        rows=options.rows * options.accumulate,
        talks=talks,
        user_weight=options.user_weight,
        seed=options.seed,
        voice=options.voice,
        passages=passages,
        questions=options.questions,
    )


def _schedule(options: Options, lesson: Lesson) -> Schedule:
    of_a_pass = lesson.steps_per_pass()
    return Schedule(
        steps=options.steps or (None if options.minutes else options.habits.passes * of_a_pass),
        seconds=60 * options.minutes if options.minutes else None,
        learning_rate=options.learning_rate or options.habits.learning_rate,
        weight_decay=options.weight_decay,
        rows=options.rows,
        validate_every=options.validate_every or min(200, max(of_a_pass, 10)),
        patience=options.patience,
        save_seconds=options.save_seconds,
    )


def _identity(options: Options, corpus: Corpus) -> dict[str, object]:
    """What must be equal for a run to be resumed; how long it runs may change."""
    kept = {name: value for name, value in vars(options).items() if name not in RUNNING}
    voice = {name: getattr(options.voice, name) for name in Voice.__slots__} if options.voice else None
    return {"options": {**kept, "voice": voice}, "data": corpus.hashes}


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelUnusable("There is no GPU that torch can use; train with --device cpu.")
    return torch.device(name)
