"""The serving engine: token ids in, a stream of token ids out, many requests in one running batch.

A thread of its own works in rounds. In each round requests that ended leave, waiting ones take free places, and
one pass through the model gives every request whose prompt is read its next token and reads a stretch of the
others' prompts. So a long prompt or a large scoring never holds up the words of others for longer than one
stretch. The engine knows no text, no roles and no event loop.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import torch

from generation.errors import EngineBusy, GenerationCancelled, GenerationError
from generation.text.model import GPT2
from generation.text.serving.cache import UNKNOWN, Segment
from generation.text.serving.requests import Active, Request
from generation.text.serving.runner import Tokens
from generation.text.serving.runners import make_runner
from generation.text.serving.sampling import UNUSABLE
from generation.text.serving.scoring import Scoring, Scorings
from generation.text.serving.slots import WORTH_A_COPY, Slots, common
from generation.text.serving.threads import Threads
from generation.text.serving.waiting import Waiting

STRETCH = 256  # prompt tokens read in one round while others speak
ALONE = 512  # and when nobody speaks
log = logging.getLogger(__name__)


@dataclass
class Counts:
    """What the engine did so far; read it from any thread."""

    prompt_tokens: int = 0
    reused_tokens: int = 0  # prompt tokens whose keys and values were there already
    new_tokens: int = 0
    steps: int = 0  # passes; each gives a token to everybody who speaks
    refused: int = 0  # requests that found the queue full
    retried: int = 0  # requests begun again after the device had failed
    running: int = 0
    waiting: int = 0

    @property
    def hit_rate(self) -> float:
        """The share of prompt tokens that needed no computing."""
        return self.reused_tokens / self.prompt_tokens if self.prompt_tokens else 0.0


@dataclass(frozen=True)
class _Launched:
    """A step whose tokens may not be known yet."""

    speaking: list[Active]
    tokens: Tokens


class Engine:
    """Serves one model. `max_batch` requests run at once, `queue` more may wait; `close` ends the thread.

    The prompts of `remembered` requests more than that stay in the cache for those that begin alike.
    """

    def __init__(
        self,
        model: GPT2,
        *,
        device: torch.device,
        max_batch: int = 8,
        queue: int = 64,
        threads: int | None = None,
        remembered: int = 8,
    ) -> None:
        self.context = model.shape.context
        self._vocabulary = model.shape.vocabulary
        self.counts = Counts()
        self._max_batch = max_batch
        self._threads = Threads(threads)
        self._waiting = Waiting(queue)
        self._scorings = Scorings(queue)
        self._active: list[Active] = []
        self._slots = Slots(max_batch + remembered, model.shape.context)
        self._runner = make_runner(model, max_batch + remembered, device)
        self._launched: _Launched | None = None
        self._spare = model if device.type != "cpu" else None  # to go on with when the device fails
        self._closing = self._forgets = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="text-engine", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> Active:
        """Queues a request; its tokens come through its own callbacks. Raises EngineBusy when the queue is full."""
        if not request.ids:
            raise GenerationError("The prompt is empty.")
        if len(request.ids) + request.max_new_tokens > self.context:
            raise GenerationError(
                f"{len(request.ids)} prompt tokens and {request.max_new_tokens} new ones exceed {self.context}."
            )
        self._refuse_unknown(request.ids)
        active = Active(request, deadline=time.monotonic() + request.seconds)
        with self._changed:
            self._refuse_if_closed()
            try:
                self._waiting.add(active)
            except EngineBusy:
                self.counts.refused += 1
                raise
            self._changed.notify()
        return active

    def score(self, contexts: Sequence[Sequence[int]], continuations: Sequence[Sequence[int]]) -> Future[list[float]]:
        """The mean log-likelihood per token (nats) of each continuation after its context.

        The future is done by the engine's thread. Raises EngineBusy when too many scorings wait.
        """
        for ids in (*contexts, *continuations):
            self._refuse_unknown(ids)
        scoring = Scoring(contexts, continuations, self.context)
        with self._changed:
            self._refuse_if_closed()
            self._scorings.add(scoring)
            self._changed.notify()
        return scoring.future

    def forget(self) -> None:
        """Has the thread drop the prompts and replies that it remembers of requests that have ended.

        It does so before its next round; their keys and values, which are not words, stay until they are overwritten.
        """
        with self._changed:
            self._forgets = True
            self._changed.notify()

    def close(self) -> None:
        """Ends all requests (GenerationCancelled) and the thread; returns when both are gone."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _refuse_unknown(self, ids: Sequence[int]) -> None:
        """What a kernel would look for beyond the end of its memory."""
        if ids and not 0 <= min(ids) <= max(ids) < self._vocabulary:
            raise GenerationError(f"The model has tokens 0 to {self._vocabulary - 1} only.")

    def _refuse_if_closed(self) -> None:
        if self._closing:
            raise GenerationCancelled("The language model is shutting down.")

    # the thread

    def _run(self) -> None:
        with torch.inference_mode():
            self._choose_threads()
            while self._admit():
                self._round()
                if not self._active:
                    self._choose_threads()
        self._end_all(GenerationCancelled("The language model is shutting down."))

    def _choose_threads(self) -> None:
        try:
            self._threads.choose(self._runner.probe)
        except Exception:
            log.exception("how many threads are quickest could not be measured")

    def _admit(self) -> bool:
        """Waits for work and gives waiting requests a place; False when the engine closes."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closing or self._forgets or self._waiting or self._scorings or self._active
            )
            if self._forgets:
                self._slots.forget_free()
                self._forgets = False
            late = self._waiting.drop_ended()
            while self._waiting and len(self._active) < self._max_batch and not self._closing:
                self._enter(self._waiting.next())
            self.counts.running, self.counts.waiting = len(self._active), len(self._waiting)
        for active in late:
            active.end(active.reason_to_end())
        return not self._closing

    def _enter(self, active: Active) -> None:
        active.slot, active.length = self._slots.take(active.tokens)
        self._active.append(active)
        self.counts.prompt_tokens += len(active.tokens)
        self.counts.reused_tokens += active.length

    def _round(self) -> None:
        try:
            self._drop()
            self._step()
            if self._scorings:
                self._scorings.weigh(self._runner, self._slots)
        except torch.OutOfMemoryError as error:
            self._shrink(error)
        except Exception as error:
            self._recover(error)

    def _drop(self) -> None:
        for active in list(self._active):
            if reason := active.reason_to_end():
                self._leave(active, reason)

    def _step(self) -> None:
        """One pass: the next token of those who speak, and of the oldest prompts as much as one round may read."""
        segments = self._segments()
        before, self._launched = self._launched, None
        if segments:
            by_slot = {active.slot: active for active in self._active}
            speaking = [by_slot[segment.slot] for segment in segments if segment.speaks]
            self._launched = _Launched(speaking, self._runner.launch(segments, speaking))
            self.counts.steps += 1
            for segment in segments:
                self._slots.put(segment.slot, segment.start, segment.ids)
                by_slot[segment.slot].length = segment.end
            for active in speaking:
                active.ahead += 1
        self._collect(before)
        if not self._runner.runs_ahead or any(active.request.rules for active in self._active):
            before, self._launched = self._launched, None
            self._collect(before)

    def _collect(self, launched: _Launched | None) -> None:
        """Says the tokens of a step to those who still listen."""
        if launched is None:
            return
        for active, token in zip(launched.speaking, launched.tokens(), strict=True):
            active.ahead -= 1
            if active in self._active:
                self._say(active, token)

    def _segments(self) -> list[Segment]:
        going_on = [active for active in self._active if not active.complete]
        speaking = [active for active in going_on if (active.said or active.ahead) and active.unread == 1]
        segments = [
            Segment(active.slot, active.length, active.tokens[active.length :] or [UNKNOWN]) for active in speaking
        ]
        room = STRETCH if speaking else ALONE
        read: list[list[int]] = []
        for active in going_on:
            if active in speaking or room <= 0:
                continue
            self._borrow(active)
            if any(common(active.tokens, other) >= active.length + WORTH_A_COPY for other in read):
                continue  # to be borrowed in the next round
            ids = active.tokens[active.length : active.length + room]
            read.append(active.tokens[: active.length + len(ids)])
            segments.append(Segment(active.slot, active.length, ids, active.length + len(ids) == len(active.tokens)))
            room -= len(ids)
        return segments

    def _borrow(self, active: Active) -> None:
        """Copies what another slot has of a prompt by now, such as the persona that all prompts begin with."""
        found = self._slots.better(active.tokens, active.length)
        if found is None:
            return
        source, known = found
        self._runner.copy(source, active.slot, known)
        self._slots.put(active.slot, active.length, active.tokens[active.length : known])
        self.counts.reused_tokens += known - active.length
        active.length = known

    def _say(self, active: Active, token: int) -> None:
        if token == UNUSABLE:
            self._slots.put(active.slot, 0, [])  # nobody should go on from here
            self._leave(active, GenerationError("The language model gave values that are not numbers."))
        elif active.say(token):
            self._leave(active, None)
        elif active.length == len(active.tokens):  # the slot had it before it was known here
            self._slots.put(active.slot, active.length - 1, [token])
        self.counts.new_tokens += 1

    def _leave(self, active: Active, reason: Exception | None) -> None:
        self._active.remove(active)
        self._slots.release(active.slot)
        active.end(reason)

    # when the device fails

    def _shrink(self, error: Exception) -> None:
        """Goes on with half of the batch after the memory did not suffice; the others try once more later."""
        log.warning("the language model ran out of memory with %d requests at once", len(self._active))
        torch.cuda.empty_cache()
        if len(self._active) < 2:
            self._recover(error)
            return
        self._max_batch = len(self._active) // 2
        self._restart(self._active[self._max_batch :])

    def _recover(self, error: Exception) -> None:
        """Goes on from the CPU after another device failed; on the CPU, what runs ends with the error."""
        log.exception("the language model failed")
        if self._spare is None:
            self._end_all(GenerationError(f"The language model failed: {error}"))
            return
        log.warning("going on without the GPU, on the CPU")
        self._runner = make_runner(self._spare, self._slots.count, torch.device("cpu"))
        self._spare = None
        self._slots.forget()
        self._restart(list(self._active))

    def _restart(self, requests: list[Active]) -> None:
        """Gives requests back to the queue, to be read again with what they said; each is given one more try."""
        self._launched = None
        for active in self._active:
            active.length, active.ahead = min(active.length, len(active.tokens) - 1), 0
        for active in reversed(requests):
            self._active.remove(active)
            self._slots.release(active.slot)
            if active.retried:
                active.end(GenerationError("The language model failed twice with this request."))
                continue
            active.retried, active.length, active.ahead = True, 0, 0
            self.counts.retried += 1
            with self._changed:
                self._waiting.again(active)

    def _end_all(self, reason: Exception) -> None:
        with self._changed:
            ended = [*self._active, *self._waiting.clear()]
            scorings = self._scorings.clear()
        self._active.clear()
        self._launched = None
        self._slots.forget()
        for active in ended:
            active.end(reason)
        for scoring in scorings:
            scoring.fail(reason)
