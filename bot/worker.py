"""Workers turn claimed conversations into stored replies, several at once."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import structlog

from bot.errors import Busy, LeaseLost, StorageError
from bot.messages import Claim, Delta, Draft, Turn
from bot.protocols import Publish, Streams, Turns
from bot.retrying import backoff, until_stored
from bot.settings import WorkersSection
from bot.stopping import Stop

log = structlog.get_logger()

OnStage = Callable[[str], None]

IDLE_SECONDS = 2.0
"""A worker looks for work this often even if nobody has rung."""
MOST_ATTEMPTS = 3
"""A turn that was claimed in vain so often gets an apology instead of another try."""
COMMIT_TRIES = 10
RELEASE_SECONDS = 2.0


class Replies(Protocol):
    """What decides on replies."""

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        """The draft of the reply; `publish` sends words ahead."""

    def apology(self, turn: Turn) -> Draft:
        """What is said when no reply could be made."""


def ignore_stage(stage: str) -> None:
    """Observes nothing."""


class Workers:
    """Claims, drafts and commits; `on_stage` hears `claimed`, `drafted` and `committed` of each turn."""

    def __init__(
        self,
        turns: Turns,
        replies: Replies,
        streams: Streams,
        settings: WorkersSection,
        *,
        on_stage: OnStage = ignore_stage,
    ) -> None:
        self._turns = turns
        self._replies = replies
        self._streams = streams
        self._settings = settings
        self._on_stage = on_stage
        self._words: dict[str, Words] = {}
        self._stop = Stop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Works until the block ends; turns that are not done within `drain_seconds` then are given back."""
        self._stop = Stop()
        process = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        tasks = [asyncio.create_task(self._work(f"{process}:{number}")) for number in range(self._settings.count)]
        try:
            yield
        finally:
            await self._drain(tasks)

    async def _drain(self, tasks: list[asyncio.Task[None]]) -> None:
        self._stop.set()
        await asyncio.wait(tasks, timeout=self._settings.drain_seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, owner: str) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                turn = await self._turns.claim(owner)
                failures = 0
                if turn is not None:
                    await self._handle(turn)
                    continue
                await self._stop.rest(self._turns.wait(IDLE_SECONDS))
            except Exception as error:
                failures += 1
                self._report(error)
                await self._stop.rest(asyncio.sleep(backoff(failures, first=0.5, longest=5)))

    def _report(self, error: Exception) -> None:
        if isinstance(error, StorageError | Busy):
            log.warning("the database is away", error=str(error))
        else:
            log.error("a turn failed; it is tried again when its lease ends", exc_info=error)

    async def _handle(self, turn: Turn) -> None:
        """Answers under a lease that is kept alive; when it is lost, the draft is dropped."""
        self._on_stage("claimed")
        answering = asyncio.create_task(self._answer(turn))
        keeping = asyncio.create_task(self._keep(turn.claim))
        try:
            await asyncio.wait({answering, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
            else:
                keeping.result()
        except LeaseLost:
            log.warning("lease lost; the draft is dropped", conversation=turn.conversation.id)
        except asyncio.CancelledError:
            await self._give_back(turn.claim, answering)
            raise
        finally:
            for task in (answering, keeping):
                task.cancel()
            await asyncio.gather(answering, keeping, return_exceptions=True)

    async def _answer(self, turn: Turn) -> None:
        with self._publishing(turn.conversation.id) as words:
            draft = await self._draft(turn, words)
        self._on_stage("drafted")
        await until_stored(lambda: self._turns.commit(turn, draft), COMMIT_TRIES)
        self._on_stage("committed")

    async def _draft(self, turn: Turn, words: Words) -> Draft:
        if turn.attempts >= MOST_ATTEMPTS:
            log.error("given up after several attempts", conversation=turn.conversation.id, attempts=turn.attempts)
            return self._replies.apology(turn)
        try:
            return await self._replies.reply(turn, words)
        except (Exception, asyncio.CancelledError):
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            log.exception("no reply could be made", conversation=turn.conversation.id)
            return self._replies.apology(turn)

    @contextmanager
    def _publishing(self, conversation_id: str) -> Iterator[Words]:
        """A way for words that closes with its draft, or when a later claim of the conversation opens its own."""
        if earlier := self._words.get(conversation_id):
            earlier.close()
        words = self._words[conversation_id] = Words(self._streams, conversation_id)
        try:
            yield words
        finally:
            words.close()
            if self._words.get(conversation_id) is words:
                del self._words[conversation_id]

    async def _keep(self, claim: Claim) -> None:
        """Renews the lease for ever; raises LeaseLost."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            try:
                await self._turns.renew(claim)
            except LeaseLost:
                raise
            except (StorageError, Busy) as error:
                log.warning("lease not renewed", error=str(error))

    async def _give_back(self, claim: Claim, answering: asyncio.Task[None]) -> None:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._turns.release(claim)
        except (StorageError, Busy, TimeoutError) as error:
            log.warning("claim not given back; its lease will end", error=str(error))


class Words:
    """Publishes the words of one draft until it is closed."""

    def __init__(self, streams: Streams, conversation_id: str) -> None:
        self._streams = streams
        self._conversation_id = conversation_id
        self._open = True

    def __call__(self, words: str) -> None:
        if self._open and words:
            self._streams.publish(Delta(self._conversation_id, words))

    def close(self) -> None:
        """Later words go nowhere."""
        self._open = False
