"""How well topics are told apart, and what belongs to none of them: `parley evaluate intents`."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.errors import UsageError
from bot.evaluation import json_lines
from bot.evaluation.scores import auroc
from bot.protocols import Embedder
from bot.routing.intents import OUT_OF_SCOPE, IntentClassifier

log = structlog.get_logger()

_OUT_OF_SCOPE_NAMES = {OUT_OF_SCOPE, "outofdomain"}


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text and its topic; several topics are joined by a bar, and `oos` is none."""

    text: str
    label: str
    split: str = ""
    domain: str = ""

    @property
    def in_scope(self) -> bool:
        return self.label != OUT_OF_SCOPE


def read_intents(path: Path) -> list[LabelledText]:
    """The rows of a file; raises UsageError that names file and line of what is wrong."""
    rows = []
    for where, row in json_lines.read(path):
        label = json_lines.text(row, "label", where)
        label = OUT_OF_SCOPE if label in _OUT_OF_SCOPE_NAMES else label
        text = json_lines.text(row, "text", where)
        rows.append(LabelledText(text, label, str(row.get("split") or ""), str(row.get("domain") or "")))
    if not rows:
        raise UsageError(f"{path} has no rows.")
    return rows


def evaluate_intents(
    test: Sequence[LabelledText], train: Sequence[LabelledText], embedder: Embedder | None = None
) -> dict[str, Any]:
    """Learns from `train`, predicts `test`, and gives the figures; None where there are no rows for one.

    Of `test` the rows of the split `train` are left out when there are others, and of `train` the rows of the
    splits that are tested: one file may be both. Domains whose labels recur in one another are separate tasks,
    each with a classifier of its own; their figures are averaged by rows. `accuracy` is of the rows in scope,
    whether or not they would be declined at the chosen threshold; `accuracy_answered` counts a decline as wrong.
    Takes a minute or two for 15,000 training rows. Raises UsageError when there is nothing to learn or to test.
    """
    start = time.perf_counter()
    tested = [row for row in test if row.split != "train"] or list(test)
    splits = {row.split for row in tested}
    known = [row for row in train if row.split not in splits] or list(train)
    outcomes = [_outcome(name, rows, examples, embedder) for name, rows, examples in _tasks(tested, known)]
    inside = [outcome.inside for outcome in outcomes]
    outside = [outcome.outside for outcome in outcomes]
    return {
        "rows": len(tested),
        "out_of_scope_rows": sum(outside),
        "training_rows": len(known),
        "tasks": len(outcomes),
        "accuracy": _mean([outcome.accuracy for outcome in outcomes], inside),
        "accuracy_answered": _mean([outcome.accuracy_answered for outcome in outcomes], inside),
        "in_scope_recall": _mean([outcome.in_scope_recall for outcome in outcomes], inside),
        "oos_recall": _mean([outcome.oos_recall for outcome in outcomes], outside),
        "oos_auroc": _mean([outcome.oos_auroc for outcome in outcomes], outside),
        "seconds": round(time.perf_counter() - start, 1),
    }


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Figures of one task, with its numbers of rows inside and outside of scope; nan where there are none."""

    inside: int
    outside: int
    accuracy: float
    accuracy_answered: float
    in_scope_recall: float
    oos_recall: float
    oos_auroc: float


def _tasks(
    tested: Sequence[LabelledText], known: Sequence[LabelledText]
) -> Iterator[tuple[str, list[LabelledText], list[LabelledText]]]:
    """Name, test rows and training rows of each classifier that is needed."""
    if not _labels_recur(known):
        yield "all", list(tested), list(known)
        return
    for domain in sorted({row.domain for row in tested}):
        rows = [row for row in tested if row.domain == domain]
        yield domain, rows, [row for row in known if row.domain == domain]


def _labels_recur(rows: Sequence[LabelledText]) -> bool:
    domains: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.in_scope:
            domains[row.label].add(row.domain)
    return any(len(names) > 1 for names in domains.values())


def _outcome(
    name: str, rows: Sequence[LabelledText], examples: Sequence[LabelledText], embedder: Embedder | None
) -> _Outcome:
    log.info("learning topics", task=name, examples=len(examples))
    texts, labels = [row.text for row in examples], [row.label for row in examples]
    classifier = IntentClassifier.fit(texts, labels, embedder)
    predictions = classifier.predict([row.text for row in rows])
    inside = np.array([row.in_scope for row in rows])
    right = np.array(
        [prediction.label in row.label.split("|") for prediction, row in zip(predictions, rows, strict=True)]
    )
    chances = np.array([prediction.out_of_scope for prediction in predictions])
    declined = chances > classifier.threshold
    return _Outcome(
        inside=int(inside.sum()),
        outside=int((~inside).sum()),
        accuracy=_share(right[inside]),
        accuracy_answered=_share((right & ~declined)[inside]),
        in_scope_recall=_share(~declined[inside]),
        oos_recall=_share(declined[~inside]),
        oos_auroc=auroc(list(chances), list(~inside)),
    )


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def _mean(values: Sequence[float], weights: Sequence[int]) -> float | None:
    """Weighted mean without the values that are missing; None when all are."""
    present = [(value, weight) for value, weight in zip(values, weights, strict=True) if value == value and weight]
    if not present:
        return None
    return sum(value * weight for value, weight in present) / sum(weight for _, weight in present)
