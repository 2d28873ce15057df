"""The serving engine: token ids in, a stream of token ids out, many requests in one running batch.

A thread of its own works in rounds. In each round requests that ended leave, waiting ones take free slots,
one stretch of one prompt is read, every request whose prompt is read gets its next token, and one small batch
of scoring is done. So a long prompt or a large scoring job never holds up the words of others for longer than
one stretch. The engine knows no text, no roles and no event loop.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future

import torch
from torch import Tensor

from generation.errors import EngineBusy, GenerationCancelled, GenerationError
from generation.text.cache import Cache
from generation.text.model import GPT2
from generation.text.requests import Active, Request, Scoring
from generation.text.sampling import choose

STRETCH = 128  # prompt tokens read in one round
log = logging.getLogger(__name__)


class Engine:
    """Serves one model. `max_batch` requests run at once, `queue` more may wait; `close` ends the thread."""

    def __init__(
        self, model: GPT2, *, device: torch.device, max_batch: int = 8, queue: int = 64, threads: int | None = None
    ) -> None:
        self.context = model.shape.context
        self._max_batch = max_batch
        self._queue = queue
        self._threads = threads
        self._waiting: deque[Active] = deque()
        self._scoring: deque[Scoring] = deque()
        self._active: list[Active] = []
        self._free = list(range(max_batch))
        self._closing = False
        self._changed = threading.Condition()
        self._place(model, device)
        self._thread = threading.Thread(target=self._run, name="text-engine", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> Active:
        """Queues a request; its tokens come through its own callbacks. Raises EngineBusy when the queue is full."""
        if len(request.ids) + request.max_new_tokens > self.context:
            raise GenerationError(
                f"{len(request.ids)} prompt tokens and {request.max_new_tokens} new ones exceed {self.context}."
            )
        active = Active(request, deadline=time.monotonic() + request.seconds)
        with self._changed:
            self._refuse_if_closed()
            if len(self._waiting) >= self._queue:
                raise EngineBusy("The language model has too many requests waiting.", retry_after=2.0)
            self._waiting.append(active)
            self._changed.notify()
        return active

    def score(self, contexts: Sequence[Sequence[int]], continuations: Sequence[Sequence[int]]) -> Future[list[float]]:
        """The mean log-likelihood per token (nats) of each continuation after its context.

        The future is done by the engine's thread. Raises EngineBusy when too many scorings wait.
        """
        scoring = Scoring(contexts, continuations)
        with self._changed:
            self._refuse_if_closed()
            if len(self._scoring) >= self._queue:
                raise EngineBusy("The language model has too many requests waiting.", retry_after=2.0)
            self._scoring.append(scoring)
            self._changed.notify()
        return scoring.future

    def close(self) -> None:
        """Ends all requests (GenerationCancelled) and the thread; returns when both are gone."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _refuse_if_closed(self) -> None:
        if self._closing:
            raise GenerationCancelled("The language model is shutting down.")

    def _place(self, model: GPT2, device: torch.device) -> None:
        dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
        self._spare = model if device.type != "cpu" else None  # to go on with when the device fails
        self._model = model if device.type == "cpu" else copy.deepcopy(model).to(device, dtype)
        self._device = device
        self._cache = Cache(model.shape, self._max_batch, device, dtype)

    # the thread

    def _run(self) -> None:
        if self._threads:
            torch.set_num_threads(self._threads)
        with torch.inference_mode():
            while self._admit():
                self._round()
        self._end_all(GenerationCancelled("The language model is shutting down."))

    def _admit(self) -> bool:
        """Waits for work and gives waiting requests a slot; False when the engine closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._waiting or self._scoring or self._active)
            late = [active for active in self._waiting if active.reason_to_end()]
            for active in late:
                self._waiting.remove(active)
            while self._waiting and self._free and not self._closing:
                active = self._waiting.popleft()
                active.slot = self._free.pop()
                self._active.append(active)
        for active in late:
            active.end(active.reason_to_end())
        return not self._closing

    def _round(self) -> None:
        try:
            self._drop()
            self._read()
            self._speak()
            self._weigh()
        except Exception as error:
            log.exception("the language model failed")
            self._end_all(GenerationError(f"The language model failed: {error}"))
            if self._spare is not None:
                log.warning("going on without %s, on the CPU", self._device)
                self._place(self._spare, torch.device("cpu"))

    def _drop(self) -> None:
        for active in list(self._active):
            if reason := active.reason_to_end():
                self._leave(active, reason)

    def _read(self) -> None:
        """The next stretch of the oldest prompt that is not read yet; its end gives the first token."""
        active = next((active for active in self._active if active.unread), None)
        if active is None:
            return
        stretch = active.unread[:STRETCH]
        ids = torch.tensor([stretch], device=self._device)
        positions = torch.arange(active.length, active.length + len(stretch), device=self._device)[None]
        hidden = self._model(ids, positions, self._cache.extend(active.slot, active.length))
        active.length += len(stretch)
        del active.unread[:STRETCH]
        if not active.unread:
            self._say([active], self._model.logits(hidden[:, -1]))

    def _speak(self) -> None:
        """One more token for each request that has begun to speak."""
        speaking = [active for active in self._active if active.said and not active.unread]
        if not speaking:
            return
        ids = torch.tensor([[active.said[-1]] for active in speaking], device=self._device)
        lengths = [active.length for active in speaking]
        positions = torch.tensor(lengths, device=self._device)[:, None]
        hidden = self._model(ids, positions, self._cache.step([active.slot for active in speaking], lengths))
        for active in speaking:
            active.length += 1
        self._say(speaking, self._model.logits(hidden[:, -1]))

    def _say(self, rows: list[Active], logits: Tensor) -> None:
        usable: list[bool] = logits.isfinite().all(-1).tolist()
        chosen = choose(
            logits.nan_to_num(),
            [active.request.sampling for active in rows],
            [active.said for active in rows],
            [active.random.random() for active in rows],
        )
        for active, token, fine in zip(rows, chosen, usable, strict=True):
            if not fine:
                self._leave(active, GenerationError("The language model gave values that are not numbers."))
            elif active.say(token):
                self._leave(active, None)

    def _leave(self, active: Active, reason: Exception | None) -> None:
        self._active.remove(active)
        self._free.append(active.slot)
        active.end(reason)

    def _weigh(self) -> None:
        """One small batch of the oldest scoring."""
        with self._changed:
            scoring = self._scoring[0] if self._scoring else None
        if scoring is None:
            return
        batch = scoring.next_batch()
        if batch:
            scoring.take(batch, self._log_likelihoods([scoring.pairs[number] for number in batch]))
        if scoring.finish():
            with self._changed:
                self._scoring.popleft()

    def _log_likelihoods(self, pairs: Sequence[tuple[list[int], list[int]]]) -> list[float]:
        rows = [[*context, *continuation][-self.context :] for context, continuation in pairs]
        longest = max(map(len, rows))
        ids = torch.zeros(len(rows), longest, dtype=torch.long, device=self._device)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
        hidden = self._model(ids)
        means = []
        for number, (row, (_, continuation)) in enumerate(zip(rows, pairs, strict=True)):
            count = min(len(continuation), len(row) - 1)
            logits = self._model.logits(hidden[number, len(row) - 1 - count : len(row) - 1]).float()
            targets = ids[number, len(row) - count : len(row)]
            chances = logits.log_softmax(-1).gather(-1, targets[:, None])
            means.append(float(chances.mean()) if count else 0.0)
        return means

    def _end_all(self, reason: Exception) -> None:
        with self._changed:
            ended = [*self._active, *self._waiting]
            scorings = list(self._scoring)
            self._waiting.clear()
            self._scoring.clear()
        self._active.clear()
        self._free = list(range(self._max_batch))
        for active in ended:
            active.end(reason)
        for scoring in scorings:
            scoring.fail(reason)
