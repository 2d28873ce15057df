"""The likelihood of given words after a context, weighed in small batches between two steps of the replies.

A context that several continuations share is read once, into a slot of the cache, or not at all where a reply to it
has just been made there.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Future

from generation.errors import EngineBusy
from generation.text.serving.cache import Branch, Segment
from generation.text.serving.runner import Runner
from generation.text.serving.slots import WORTH_A_COPY, Slots

AT_ONCE = 256  # tokens
Pair = tuple[list[int], list[int]]
"""A context and the words after it."""


class Scoring:
    """Pairs that are weighed batch by batch; what is too long for the model loses the beginning of its context."""

    def __init__(self, contexts: Sequence[Sequence[int]], continuations: Sequence[Sequence[int]], longest: int) -> None:
        pairs = zip(contexts, continuations, strict=True)
        self.pairs = [_fitting(list(context), list(words), longest) for context, words in pairs]
        self.future: Future[list[float]] = Future()
        self._scores: list[float] = []

    def next_batch(self) -> list[Pair]:
        """The pairs to weigh next; none when all are done or nobody waits any more."""
        batch: list[Pair] = []
        room = AT_ONCE
        for context, words in self.pairs[len(self._scores) :]:
            known = bool(batch) and batch[-1][0] == context
            room -= len(words) + (0 if known else len(context))
            if batch and room < 0:
                break
            batch.append((context, words))
        return [] if self.future.cancelled() else batch

    def take(self, scores: Sequence[float]) -> None:
        """Notes the scores of a batch."""
        self._scores.extend(scores)

    def finish(self) -> bool:
        """Hands over the scores when all are there; True when the engine is done with this scoring."""
        if len(self._scores) < len(self.pairs) and not self.future.cancelled():
            return False
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(self._scores)
        return True

    def fail(self, reason: Exception) -> None:
        """Hands over the reason instead."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(reason)


class Scorings:
    """At most `limit` scorings, the oldest first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[Scoring] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, scoring: Scoring) -> None:
        """Raises EngineBusy when too many wait."""
        if len(self._waiting) >= self._limit:
            raise EngineBusy("The language model has too many requests waiting.", retry_after=2.0)
        self._waiting.append(scoring)

    def weigh(self, runner: Runner, slots: Slots) -> None:
        """One small batch of the oldest scoring."""
        scoring = self._waiting[0]
        if batch := scoring.next_batch():
            shared = Counter(tuple(context) for context, _ in batch)
            if not all(_learnt(context, runner, slots) for context, count in shared.items() if count > 1):
                return
            branches = [_branch(context, words, slots) for context, words in batch]
            scoring.take(runner.log_likelihoods(branches, [_weighed(*pair) for pair in batch]))
        if scoring.finish():
            self._waiting.popleft()

    def clear(self) -> list[Scoring]:
        """Takes out all of them."""
        everyone = list(self._waiting)
        self._waiting.clear()
        return everyone


def _learnt(context: Sequence[int], runner: Runner, slots: Slots) -> bool:
    """Reads a stretch of a context into a free slot; True when a slot has it, or none is free."""
    ids = list(context)
    if slots.best(ids)[1] >= len(ids) - WORTH_A_COPY or not slots.has_free:
        return True
    slot, known = slots.take(ids)
    if found := slots.better(ids, known):
        source, known = found
        runner.copy(source, slot, known)
    stretch = ids[: known + AT_ONCE]
    runner.read(Segment(slot, known, stretch[known:], speaks=False))
    slots.put(slot, 0, stretch)
    slots.release(slot)
    return len(stretch) == len(ids)


def _branch(context: list[int], words: list[int], slots: Slots) -> Branch:
    """What is left to compute; the context's last token always is, as it foretells the first word."""
    slot, known = slots.best(context) if context else (0, 0)
    return Branch(slot, known, [*context[known:], *words])


def _weighed(context: list[int], words: list[int]) -> int:
    """How many of the words follow something."""
    return min(len(words), len(context) + len(words) - 1)


def _fitting(context: list[int], words: list[int], longest: int) -> Pair:
    words = words[: longest - 1]
    return context[max(len(context) + len(words) - longest, 0) :], words
