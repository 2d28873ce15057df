"""Whether a new model may take the current one's place: no guarded score may be worse.

The margins are wide enough for another manner of speaking: a model tuned to begin and end each reply with the same
words had 2.3 times the perplexity of its base and half of its variety, but its choices and overlaps were as good. One
tuned on shuffled words had twice the perplexity, and was beyond the margins of variety, repetition and overlap. A
choice among 40 replies is uncertain by .08, so its margin is wider than that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.stories.playing import Outcome


@dataclass(frozen=True, slots=True)
class Guard:
    """A score that must not get worse by more than `margin`, absolute or as a `share` of the current value."""

    score: str
    higher_is_better: bool
    margin: float
    share: bool = False

    def limit(self, current: float) -> float:
        """The worst value that still passes."""
        allowed = self.margin * current if self.share else self.margin
        return max(current - allowed, 0.0) if self.higher_is_better else current + allowed

    def holds(self, new: float, current: float) -> bool:
        limit = self.limit(current)
        return new >= limit if self.higher_is_better else new <= limit


GUARDS = (
    Guard("reply_perplexity", higher_is_better=False, margin=2.0, share=True),
    Guard("response_r1", higher_is_better=True, margin=0.1),
    Guard("distinct2", higher_is_better=True, margin=0.5, share=True),
    Guard("repetition", higher_is_better=False, margin=0.05),
    Guard("chrf", higher_is_better=True, margin=0.04),
    Guard("groundedness", higher_is_better=True, margin=0.1),
)
PICTURE_GUARDS = (
    Guard("fid", higher_is_better=False, margin=0.1, share=True),
    Guard("kid", higher_is_better=False, margin=0.2, share=True),
    Guard("coverage", higher_is_better=True, margin=0.05),
    Guard("copy_rate", higher_is_better=False, margin=0.02),
    Guard("tag_accuracy", higher_is_better=True, margin=0.05),
    Guard("psnr", higher_is_better=True, margin=0.5),
)
"""Of generators, measured by one classifier on one set of pictures."""


@dataclass(frozen=True, slots=True)
class Row:
    """A guarded score of both models; `limit` is the worst value that passes."""

    score: str
    new: float
    current: float
    limit: float
    higher_is_better: bool
    holds: bool

    def objection(self) -> str:
        return f"{self.score} is {self.new:.4g}, beyond {self.limit:.4g} (the current model has {self.current:.4g})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`objections` say in words what is worse, and by how much."""

    objections: tuple[str, ...]
    rows: tuple[Row, ...]


def compare(
    new: Mapping[str, float], current: Mapping[str, float], new_stories: Sequence[Outcome], stories: Sequence[Outcome]
) -> Verdict:
    """Judges a model by its scores and stories beside those of the current model on the same test set."""
    rows = _rows(GUARDS, new, current)
    told = {_key(outcome) for outcome in stories if outcome.passed}
    lost = [outcome for outcome in new_stories if not outcome.passed and _key(outcome) in told]
    worse = [row.objection() for row in rows if not row.holds]
    return Verdict((*worse, *(f"it fails a story that the current model passes: {_shown(one)}" for one in lost)), rows)


def compare_pictures(new: Mapping[str, float], current: Mapping[str, float]) -> Verdict:
    """Judges a generator by its figures beside those of the current one."""
    rows = _rows(PICTURE_GUARDS, new, current)
    return Verdict(tuple(row.objection() for row in rows if not row.holds), rows)


def _rows(guards: Sequence[Guard], new: Mapping[str, float], current: Mapping[str, float]) -> tuple[Row, ...]:
    return tuple(
        _row(guard, new[guard.score], current[guard.score])
        for guard in guards
        if guard.score in new and guard.score in current
    )


def _row(guard: Guard, new: float, current: float) -> Row:
    limit, holds = guard.limit(current), guard.holds(new, current)
    return Row(guard.score, new, current, limit, guard.higher_is_better, holds)


def _key(outcome: Outcome) -> tuple[str, str]:
    return str(outcome.story.file), outcome.story.name


def _shown(outcome: Outcome) -> str:
    return f"{outcome.story.name} ({outcome.story.file}, line {outcome.departures[0].step.line})"
