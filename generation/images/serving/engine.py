"""The image engine: requests in a bounded queue, one thread that works on them one after the other, files out.

Whoever chats goes first. The thread has a low priority of the operating system and computes on one core, and after
every few pictures it waits while text is being generated. Models are loaded with the first request and leave the memory
when none has come for a while.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

from generation.errors import EngineBusy, GenerationCancelled, GenerationError
from generation.images.serving.cache import Cache
from generation.images.serving.models import FolderOf, Kind, Models
from generation.images.serving.painting import Drawing, Painter, Steps

Result = TypeVar("Result")
OnPlace = Callable[[int], None]

LOW_PRIORITY = 10
LOOK_SECONDS = 0.01
MOST_WAITING_SECONDS = 0.5
"""A chat that never falls silent does not hold up the next pictures of a request for longer."""
log = logging.getLogger(__name__)


def nobody_talks() -> bool:
    return False


@dataclass(eq=False)
class _Job:
    """`start` makes the work's steps; `told` is the place in the queue that its owner knows of."""

    start: Callable[[], Steps[Any]]
    deadline: float
    on_place: OnPlace
    result: Future[Any] = field(default_factory=Future)
    told: int = 0

    def tell(self, place: int) -> None:
        if place != self.told:
            self.told = place
            self.on_place(place)


class ImageEngine:
    """Draws for everybody; make one and end it with `close`.

    `folder_of` says where a kind's generator lies now, `is_talking` whether text is being generated. `queue` requests
    may wait, each for `seconds` at most; `cache_bytes` bounds the finished files that are kept. `translated` makes the
    caller's own errors of those that are named here.
    """

    def __init__(
        self,
        folder_of: FolderOf,
        *,
        idle_seconds: float = 600,
        is_talking: Callable[[], bool] = nobody_talks,
        queue: int = 32,
        seconds: float = 30,
        cache_bytes: int = 32 * 2**20,
        device: str = "auto",
        translated: Callable[[GenerationError], Exception] = lambda error: error,
    ) -> None:
        self._models = Models(folder_of, device)
        self._painter = Painter(Cache[Drawing](cache_bytes))
        self._idle_seconds = idle_seconds
        self._is_talking = is_talking
        self._queue = queue
        self._seconds = seconds
        self._waiting: deque[_Job] = deque()
        self._at_work: _Job | None = None
        self._translated = translated
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def kinds(self) -> Sequence[Kind]:
        """The generators that are installed; asks the disk."""
        return self._models.kinds()

    @property
    def loaded(self) -> int:
        """How many generators are in memory."""
        return self._models.count

    async def tags(self, kind: Kind | None = None) -> tuple[str, ...]:
        """What can be drawn. Raises ModelUnusable, EngineBusy and GenerationCancelled, like all that follow."""

        def work() -> Steps[tuple[str, ...]]:
            yield
            return self._models.of(kind).tags.names

        return await self._done(work)

    async def draw(
        self,
        tags: Sequence[str],
        *,
        count: int = 1,
        seed: int | None = None,
        kind: Kind | None = None,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """Without a seed the best of many candidates; with one exactly its picture, and those of the seeds after it."""

        def work() -> Steps[tuple[Drawing, ...]]:
            model = self._models.of(kind)
            if seed is None:
                return (yield from self._painter.best(model, tags, count, size))
            return (yield from self._painter.exact(model, tags, range(seed, seed + count), size))

        return await self._done(work, on_place)

    async def resemble(
        self,
        tags: Sequence[str],
        seed: int,
        *,
        kind: Kind,
        count: int = 1,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """Pictures near the one that the seed and the tags make."""
        return await self._done(
            lambda: self._painter.near(self._models.of(kind), tags, seed, count, size),
            on_place,
        )

    async def vary(
        self,
        photo: bytes,
        *,
        count: int = 4,
        seed: int | None = None,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """Pictures like a photo; raises UnlikeTraining and PhotoRefused too."""
        return await self._done(
            lambda: self._painter.variations(self._models.of("vae"), photo, count, seed, size), on_place
        )

    async def blend(
        self,
        first: bytes,
        second: bytes,
        *,
        moving: bool = False,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """The way from one photo to another as pictures, or, `moving`, as one GIF; raises what `vary` raises."""
        return await self._done(
            lambda: self._painter.blend(self._models.of("vae"), first, second, moving, size), on_place
        )

    async def close(self) -> None:
        """Ends what is under way or waits (GenerationCancelled), and the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread:
            await asyncio.to_thread(self._thread.join)

    async def _done(self, start: Callable[[], Steps[Result]], on_place: OnPlace | None = None) -> Result:
        """The work's result; cancelling the caller ends the work at its next stop."""
        loop = asyncio.get_running_loop()

        def tell(place: int) -> None:
            if on_place:
                with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                    loop.call_soon_threadsafe(on_place, place)

        job = _Job(start, time.monotonic() + self._seconds, tell)
        try:
            self._submit(job)
            return await asyncio.wrap_future(job.result)
        except GenerationError as error:
            raise self._translated(error) from error

    def _submit(self, job: _Job) -> None:
        with self._changed:
            if self._closing:
                raise GenerationCancelled("The picture generator is shutting down.")
            if len(self._waiting) >= self._queue:
                raise EngineBusy(f"{self._queue} pictures are waiting to be drawn already.", retry_after=5.0)
            self._waiting.append(job)
            job.tell(len(self._waiting) + (self._at_work is not None))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="image-engine", daemon=True)
                self._thread.start()
            self._changed.notify()

    # the thread

    def _run(self) -> None:
        torch.set_num_threads(1)
        _yield_to_others()
        while job := self._next():
            self._work(job)
            self._at_work = None
        for job in self._waiting:
            _end(job, GenerationCancelled("The picture generator is shutting down."))

    def _next(self) -> _Job | None:
        """Waits for a request, and unloads the models when none comes; None when the engine closes."""
        with self._changed:
            while not self._waiting and not self._closing:
                if not self._changed.wait(self._idle_seconds):
                    self._models.unload()
            if self._closing:
                return None
            self._at_work = self._waiting.popleft()
            for place, job in enumerate((self._at_work, *self._waiting), 1):
                job.tell(place)
            return self._at_work

    def _work(self, job: _Job) -> None:
        try:
            steps = job.start()
            while not self._is_over(job):
                self._let_others_go_first(job)
                next(steps)
        except StopIteration as end:
            if job.result.set_running_or_notify_cancel():
                job.result.set_result(end.value)
        except GenerationError as error:
            _end(job, error)
        except Exception as error:
            log.exception("pictures could not be drawn")
            _end(job, GenerationError(f"The picture generator failed: {error}"))

    def _is_over(self, job: _Job) -> bool:
        """Whether nobody waits for it any more."""
        if job.result.cancelled():
            return True
        if self._closing:
            _end(job, GenerationCancelled("The picture generator is shutting down."))
        elif time.monotonic() > job.deadline:
            _end(job, GenerationCancelled(f"The pictures were not ready within {self._seconds:g} seconds."))
        return job.result.done()

    def _let_others_go_first(self, job: _Job) -> None:
        until = min(time.monotonic() + MOST_WAITING_SECONDS, job.deadline)
        while self._is_talking() and time.monotonic() < until and not self._closing:
            time.sleep(LOOK_SECONDS)


def _end(job: _Job, reason: Exception) -> None:
    if not job.result.done() and job.result.set_running_or_notify_cancel():
        job.result.set_exception(reason)


def _yield_to_others() -> None:
    """Gives this thread, and processes that it starts, a low priority; Linux knows one for each thread."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW_PRIORITY)
