"""The steps of a training run: learn, look, save, go back after a divergence, until time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generation.errors import ModelUnusable
from generation.images.training.batches import Batches, chance_of
from generation.images.training.gallery import Gallery
from generation.images.training.health import Health
from generation.images.training.learner import Learner, Moment
from generation.images.training.progress import Progress
from generation.images.training.state import Run, State
from generation.text.tracking import Tracker

SMOOTHED = 50  # steps whose mean losses are shown
LOOK_EVERY = 100  # steps from one look at the variety to the next
MOST_SETBACKS = 5


@dataclass(frozen=True)
class Schedule:
    """How long: the run ends after `steps` or `seconds`, whichever comes first."""

    steps: int | None
    seconds: float | None
    batch: int
    samples_every: int
    save_seconds: float
    seed: int

    def share(self, state: State) -> float:
        """How much of the run is done, 0 to 1."""
        by_steps = state.step / self.steps if self.steps else 0.0
        by_time = state.seconds / self.seconds if self.seconds else 0.0
        return min(max(by_steps, by_time), 1.0)


class Course:
    """A run from where its folder says that it stands to its end."""

    def __init__(
        self,
        schedule: Schedule,
        run: Run,
        batches: Batches,
        learner: Learner,
        health: Health,
        gallery: Gallery,
        trackers: Sequence[Tracker],
        say: Callable[[str], None],
    ) -> None:
        self._schedule = schedule
        self._run = run
        self._batches = batches
        self._learner = learner
        self._health = health
        self._gallery = gallery
        self._trackers = trackers
        self._say = say
        self._state = run.restore(learner.parts) or State()
        self._saved = time.monotonic()

    def complete(self, report: Callable[[Progress], None], interrupted: Callable[[], bool]) -> State:
        """Takes the steps that are left. Raises KeyboardInterrupt when `interrupted` says so, with the state saved, and
        ModelUnusable when the run diverges again and again."""
        if self._state.step == 0:
            self._save()  # to have something to go back to
        while self._schedule.share(self._state) < 1:
            started = time.monotonic()
            losses = self._advance()
            self._state.seconds += time.monotonic() - started
            if complaint := self._health.complaint(self._state, losses):
                self._go_back(complaint)
                continue
            report(self._progress())
            if interrupted() or time.monotonic() - self._saved > self._schedule.save_seconds:
                self._save()
            if interrupted():
                raise KeyboardInterrupt
        self._save()
        self._gallery.add(self._learner, self._state.step)
        self._run.write_losses(self._state)
        return self._state

    def _advance(self) -> Mapping[str, float]:
        """One step, and what is due after it."""
        state = self._state
        chance = chance_of(self._schedule.seed, state.step, state.setbacks)
        moment = Moment(state.step, self._schedule.share(state), chance, state.setbacks)
        losses = self._learner.step(self._batches.draw(chance), moment)
        state.step += 1
        state.note(losses)
        for tracker in self._trackers:
            tracker.log(state.step, losses)
        if state.step % LOOK_EVERY == 0:
            self._look()
        if state.step % self._schedule.samples_every == 0 and self._schedule.share(state) < 1:
            self._gallery.add(self._learner, state.step)
        return losses

    def _look(self) -> None:
        self._state.variety.append((self._state.step, self._health.variety(self._learner)))
        for tracker in self._trackers:
            tracker.log(self._state.step, {"variety": self._state.variety[-1][1]})

    def _go_back(self, complaint: str) -> None:
        """To the last saved state, from which the run goes on more carefully and by other chance."""
        diverged, setbacks = self._state.step, self._state.setbacks + 1
        if setbacks > MOST_SETBACKS:
            raise ModelUnusable(
                f"Training diverged {setbacks} times, now at step {diverged}: {complaint}. Try a lower --learning-rate "
                "or a higher --penalty, and look whether the pictures are what they should be."
            )
        restored = self._run.restore(self._learner.parts)
        assert restored is not None  # saved before the first step
        seconds = self._state.seconds
        self._state = restored
        self._state.setbacks, self._state.seconds = setbacks, seconds
        self._say(
            f"Step {diverged}: {complaint}. Training goes back to step {restored.step} and on with more care: "
            "a higher penalty or a lower learning rate."
        )
        self._save()

    def _save(self) -> None:
        self._run.save(self._state, self._learner.parts)
        self._saved = time.monotonic()

    def _progress(self) -> Progress:
        state, share = self._state, self._schedule.share(self._state)
        return Progress(
            step=state.step,
            share=share,
            losses=state.recent(SMOOTHED),
            pictures_per_second=state.step * self._schedule.batch / max(state.seconds, 1e-9),
            seconds_left=state.seconds * (1 - share) / share if share else 0.0,
        )
