"""The steps of a training run: update, validate, save, until its time is over or it learns nothing more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from generation.text.contrast import Contrast, Group, contrast_loss
from generation.text.lessons import Exam, Lesson, batch_loss
from generation.text.optimizers import make_optimizers, rate
from generation.text.runs import Run, State
from generation.text.tracking import Tracker

LARGEST_GRADIENT = 1.0  # norm
SMOOTHED = 50  # steps whose mean loss is shown


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: the run ends after `steps` or `seconds`, whichever comes first, or when `patience`
    validations in a row (0: any number) were no better than the best. `rows` are computed at once."""

    steps: int | None
    seconds: float | None
    learning_rate: float
    weight_decay: float
    rows: int
    validate_every: int
    patience: int
    save_seconds: float

    def share(self, state: State) -> float:
        """How much of the run is done, 0 to 1."""
        by_steps = state.step / self.steps if self.steps else 0.0
        by_time = state.seconds / self.seconds if self.seconds else 0.0
        return min(max(by_steps, by_time), 1.0)

    def is_over(self, state: State) -> bool:
        fruitless = len(state.validation) - 1 - state.best if state.validation else 0
        return self.share(state) >= 1 or bool(self.patience and fruitless >= self.patience)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands; `share` of the whole is 0 to 1, losses are nats per token."""

    step: int
    share: float
    loss: float
    validation: float | None
    tokens_per_second: float
    seconds_left: float


class Course:
    """A run from where its folder says that it stands to its end."""

    def __init__(
        self,
        schedule: Schedule,
        run: Run,
        lesson: Lesson,
        exam: Exam,
        model: nn.Module,
        trackers: Sequence[Tracker] = (),
        contrast: Contrast | None = None,
    ) -> None:
        self._schedule = schedule
        self._run = run
        self._lesson = lesson
        self._exam = exam
        self._model = model
        self._trackers = trackers
        self._contrast = contrast
        self._device = next(model.parameters()).device
        self._optimizers = make_optimizers(model, schedule.learning_rate, schedule.weight_decay)
        self._state = run.restore(model, self._optimizers) or State()
        self._saved = time.monotonic()

    def complete(self, report: Callable[[Progress], None], interrupted: Callable[[], bool]) -> State:
        """Takes the steps that are left; the model then has its best weights. Raises KeyboardInterrupt when
        `interrupted` says so, with the state saved."""
        while not self._schedule.is_over(self._state):
            self._advance()
            report(self._progress())
            if interrupted() or time.monotonic() - self._saved > self._schedule.save_seconds:
                self._save()
            if interrupted():
                raise KeyboardInterrupt
        if not self._state.validation or self._state.validation[-1][0] < self._state.step:
            self._validate()
        self._save()
        self._run.load_best(self._model)
        self._run.draw(self._state)
        return self._state

    def _advance(self) -> None:
        """One step, and what is due after it."""
        state, started = self._state, time.monotonic()
        ids, weights = (part.to(self._device) for part in self._lesson.batch(state.step))
        learning_rate = self._schedule.learning_rate * rate(self._schedule.share(state))
        group = self._contrast.group(state.step) if self._contrast else None
        loss = step(self._model, self._optimizers, ids, weights, learning_rate, self._schedule.rows, group)
        state.step += 1
        state.tokens += ids.numel()
        state.losses.append(loss)
        if state.step % self._schedule.validate_every == 0:
            self._validate()
        state.seconds += time.monotonic() - started
        self._track({"loss": loss, "learning rate": learning_rate, "tokens per second": state.tokens / state.seconds})

    def _validate(self) -> None:
        state = self._state
        state.validation.append((state.step, self._exam.loss(self._model)))
        self._track({"validation loss": state.validation[-1][1]})
        state.best = min(range(len(state.validation)), key=lambda number: state.validation[number][1])
        if state.best == len(state.validation) - 1:
            self._run.keep_best(self._model)

    def _track(self, figures: dict[str, float]) -> None:
        for tracker in self._trackers:
            tracker.log(self._state.step, figures)

    def _save(self) -> None:
        self._run.save(self._state, self._model, self._optimizers)
        self._saved = time.monotonic()

    def _progress(self) -> Progress:
        state, share = self._state, self._schedule.share(self._state)
        recent = state.losses[-SMOOTHED:]
        return Progress(
            step=state.step,
            share=share,
            loss=sum(recent) / len(recent),
            validation=state.validation[-1][1] if state.validation else None,
            tokens_per_second=state.tokens / max(state.seconds, 1e-9),
            seconds_left=state.seconds * (1 - share) / share if share else 0.0,
        )


def step(
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    ids: Tensor,
    weights: Tensor,
    learning_rate: float,
    rows: int,
    group: Group | None = None,
) -> float:
    """One update on ids and weights [B, T + 1], computed `rows` at a time, and on a group of continuations to be told
    apart; the weighted mean loss of the rows in nats per token."""
    for optimizer in optimizers:
        for settings in optimizer.param_groups:
            settings["lr"] = learning_rate
    counted = weights[:, 1:].sum().clamp(min=1)
    total = 0.0
    for part, weighed in zip(torch.split(ids, rows), torch.split(weights, rows), strict=True):
        loss = batch_loss(model, part, weighed) / counted
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    if group:
        contrast_loss(model, group.to(ids.device)).backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad()
    return total
