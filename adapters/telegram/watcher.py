"""One conversation that waits for a reply: typing while there are no words, then the words as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import structlog
from telegram.error import TelegramError

from adapters.telegram import failures
from adapters.telegram.place import NO_MESSAGE, Origin, Place
from adapters.telegram.previews import Preview, Previewer
from adapters.telegram.recent import Recent
from adapters.telegram.sending import Sending
from bot.errors import RetryLater
from bot.messages import Finished, StreamEvent
from bot.protocols import Inbox

log = structlog.get_logger()

START_SECONDS = 0.7
"""A reply that comes sooner needs no signs."""
TYPING_SECONDS = 4.0
LONGEST_SECONDS = 120.0
LONGEST_TEXT = 20_000


class Watcher:
    """What was shown of replies that are complete goes to `finished`, by the reply's id."""

    def __init__(
        self,
        place: Place,
        conversation_id: str,
        sending: Sending,
        previewer: Previewer,
        finished: Recent[str, Preview | None],
    ) -> None:
        self.place = place
        self.conversation_id = conversation_id
        self._sending = sending
        self._previewer = previewer
        self._finished = finished
        self._waiting: dict[str, Origin] = {}
        self._deadline = 0.0
        self._text = ""
        self._preview: Preview | None = None
        self._ended_early: str | None = None
        self._showing = asyncio.Lock()
        self._changed = asyncio.Event()

    @property
    def is_needed(self) -> bool:
        """Whether a message waits for its reply, and has not waited for too long."""
        return bool(self._waiting) and asyncio.get_running_loop().time() < self._deadline

    def wait_for(self, message_id: str, origin: Origin) -> None:
        """One more message whose reply is to come."""
        self._waiting[message_id] = origin
        self._deadline = asyncio.get_running_loop().time() + LONGEST_SECONDS

    async def end(self, reply_id: str, answered: Origin) -> None:
        """The reply is about to be sent, though its end may not have been heard here: words that still come are late.

        `answered` is the last message that it answers, by which a reply that is late itself is told from the next one,
        which may be shown already. Returns when no request that shows the reply is on its way to overtake it.
        """
        async with self._showing:
            if reply_id not in self._finished and answered in self._waiting.values():
                self._finished.put(reply_id, self._preview)
                self._preview, self._text, self._ended_early = None, "", reply_id

    async def run(self, events: AsyncIterator[StreamEvent], inbox: Inbox) -> None:
        """Shows signs until every message is answered."""
        hearing = asyncio.create_task(self._hear(events))
        try:
            await self._rest(START_SECONDS, lambda: not self._waiting)
            await self._forget_answered(inbox)
            while self.is_needed:
                await self._show_sign()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _hear(self, events: AsyncIterator[StreamEvent]) -> None:
        async for event in events:
            if isinstance(event, Finished):
                self._hear_end(event)
            elif self._ended_early is None:
                self._text = (self._text + event.text)[:LONGEST_TEXT]
            self._changed.set()

    def _hear_end(self, finished: Finished) -> None:
        if self._ended_early != finished.reply.message_id:
            self._finished.put(finished.reply.message_id, self._preview)
        self._preview, self._text, self._ended_early = None, "", None
        for message_id in finished.answered:
            self._waiting.pop(message_id, None)

    async def _forget_answered(self, inbox: Inbox) -> None:
        """A reply may have been stored before anybody listened here."""
        for message_id in list(self._waiting):
            if await inbox.reply_to(message_id):
                self._waiting.pop(message_id, None)

    async def _show_sign(self) -> None:
        """One sign, and the time until the next: words end the wait for words, the reply ends every wait."""
        if self._text:
            await self._rest(await self._show(), lambda: not self._text)
        else:
            await self._type()
            await self._rest(TYPING_SECONDS, lambda: bool(self._text) or not self._waiting)

    async def _show(self) -> float:
        """Shows the words so far; seconds until it may be done again."""
        async with self._showing:
            preview = self._preview = self._preview or self._new_preview()
            if not self._text or preview.is_broken:
                return TYPING_SECONDS
            try:
                await self._previewer.show(preview, self._text)
            except RetryLater as error:
                return error.retry_after or TYPING_SECONDS
            except TelegramError as error:
                preview.is_broken = True
                self._note(error)
            return self._previewer.seconds(self.place)

    def _new_preview(self) -> Preview:
        """Of the reply to the oldest message: later ones may have come when the reply was already being made."""
        message_id, origin = next(iter(self._waiting.items()), (None, NO_MESSAGE))
        return Preview(self.place, origin, self.conversation_id, message_id)

    async def _type(self) -> None:
        try:
            await self._sending.typing(self.place)
        except RetryLater as error:
            log.debug("typing not shown", conversation=self.conversation_id, reason=str(error))
        except TelegramError as error:
            self._note(error)

    def _note(self, error: TelegramError) -> None:
        """A chat that is closed to the bot gets no further signs."""
        log.debug("no sign of life", conversation=self.conversation_id, reason=error.message)
        if failures.is_place_closed(error):
            self._waiting.clear()

    async def _rest(self, seconds: float, is_enough: Callable[[], bool]) -> None:
        """Waits so long, or until enough has been heard."""
        try:
            async with asyncio.timeout(seconds):
                while not is_enough():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
