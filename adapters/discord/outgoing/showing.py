"""What a customer sees while the reply is made: that somebody is writing, and the words so far.

All of it is a courtesy: it is dropped where Discord has no room for it, and the delivery brings the final text.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import aiohttp
import discord
import structlog

from adapters.discord.origin import Origin, channel_of, refers
from adapters.discord.outgoing import payloads
from adapters.discord.outgoing.rest import Rest
from adapters.markup import discord_parts
from bot.errors import ParleyError
from bot.messages import Accepted, Delta, Finished, StreamEvent
from bot.protocols import Inbox, Progress, Streams

log = structlog.get_logger()

FIRST_SECONDS = 0.7
"""A reply that is made faster than this comes without any show."""
STEP_SECONDS = 1.2
"""Discord allows about five edits in five seconds in a channel, and the final one must find room."""
TYPING_SECONDS = 8.0
CALL_SECONDS = 5.0
LONGEST_SECONDS = 120.0
FINISHED_SECONDS = 1.0
MOST_SHOWINGS = 1000
MOST_REMEMBERED = 1000
FAILURES = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError, RuntimeError, ParleyError)


class Showings:
    """One showing for each conversation in which a reply is owed."""

    def __init__(self, inbox: Inbox, streams: Streams, progress: Progress) -> None:
        self._inbox = inbox
        self._streams = streams
        self._progress = progress
        self._running: dict[str, tuple[Showing, asyncio.Task[None]]] = {}
        self._opened: OrderedDict[str, str] = OrderedDict()

    def follow(self, rest: Rest, accepted: Accepted, target: str, origin: str) -> None:
        """Shows the reply to the message in the channel's conversation `target` while it is made."""
        if target not in self._running:
            if len(self._running) >= MOST_SHOWINGS:
                return
            showing = Showing(
                rest, target, accepted.conversation_id, self._inbox, self._streams, self._progress, self._remember
            )
            task = asyncio.create_task(showing.run())
            self._running[target] = showing, task
            task.add_done_callback(lambda _: self._running.pop(target, None))
        self._running[target][0].add(accepted, origin)

    async def settled(self, target: str, reply_id: str) -> str | None:
        """Returns when the reply is not being shown any more: the id of the message that shows it, if there is one."""
        if running := self._running.get(target):
            showing, task = running
            if not await showing.settled(reply_id):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return self._opened.pop(reply_id, None)

    async def close(self) -> None:
        """Ends them all."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _remember(self, reply_id: str, opened: str) -> None:
        self._opened[reply_id] = opened
        if len(self._opened) > MOST_REMEMBERED:
            self._opened.popitem(last=False)


class Showing:
    """Follows the words of one conversation, turn after turn, until nothing is owed there."""

    def __init__(
        self,
        rest: Rest,
        target: str,
        conversation_id: str,
        inbox: Inbox,
        streams: Streams,
        progress: Progress,
        remember: Callable[[str, str], None],
    ) -> None:
        self._rest = rest
        self._target = target
        self._channel = channel_of(target)
        self._conversation_id = conversation_id
        self._inbox = inbox
        self._streams = streams
        self._progress = progress
        self._remember = remember
        self._pending: dict[str, str] = {}
        self._is_behind = False
        self._text = self._shown = ""
        self._opened = ""
        self._turns = 0
        self._last_reply = ""
        self._typed_at = float("-inf")
        self._calling = asyncio.Lock()
        self._ended: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._limit: asyncio.Timeout | None = None

    def add(self, accepted: Accepted, origin: str) -> None:
        """A message is waiting for its reply. Words of a turn without it are not shown: whose they are is not known."""
        if not self._pending:
            self._is_behind = accepted.is_behind
        self._pending[accepted.message_id] = origin
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + LONGEST_SECONDS)

    async def run(self) -> None:
        """Ends when nothing is owed any more, or after two minutes without a message."""
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(LONGEST_SECONDS) as self._limit,
                self._streams.subscribe(self._conversation_id) as events,
            ):
                steps = [asyncio.create_task(self._read(events)), asyncio.create_task(self._show())]
                try:
                    await asyncio.wait(steps, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for step in steps:
                        step.cancel()
                    await asyncio.gather(*steps, return_exceptions=True)

    async def settled(self, reply_id: str) -> bool:
        """Whether the end of the reply has been seen; no call is under way for it then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISHED_SECONDS):
                await self._ended[reply_id].wait()
        async with self._calling:
            return self._ended[reply_id].is_set()

    async def _read(self, events: AsyncIterator[StreamEvent]) -> None:
        async for event in events:
            if isinstance(event, Delta):
                self._text += event.text
            else:
                self._finish(event)
                if not self._pending:
                    return

    def _finish(self, event: Finished) -> None:
        reply_id = event.reply.message_id
        if self._opened:
            self._remember(reply_id, self._opened)
        for message_id in event.answered:
            self._pending.pop(message_id, None)
        self._text = self._shown = ""
        self._opened = ""
        self._is_behind = False
        self._turns += 1
        self._last_reply = reply_id
        self._ended[reply_id].set()

    async def _show(self) -> None:
        await asyncio.sleep(FIRST_SECONDS)
        await self._forget_answered()
        while self._pending:
            async with self._calling:
                try:
                    async with asyncio.timeout(CALL_SECONDS):
                        await self._step()
                except FAILURES as error:
                    log.debug("not shown", channel="discord", conversation=self._conversation_id, error=str(error))
            await asyncio.sleep(STEP_SECONDS)

    async def _forget_answered(self) -> None:
        """The end of a reply that was made before this began to listen is not heard any more."""
        with suppress(ParleyError):
            for message_id in list(self._pending):
                if await self._inbox.reply_to(message_id):
                    self._pending.pop(message_id, None)

    async def _step(self) -> None:
        now = asyncio.get_running_loop().time()
        message_id, origin_text = next(iter(self._pending.items()))
        origin = Origin.decode(origin_text)
        if self._text != self._shown and not self._is_behind:
            await self._show_words(message_id, origin)
        elif not self._opened and not origin.token and now - self._typed_at >= TYPING_SECONDS:
            self._typed_at = now
            await self._rest.type(self._channel)

    async def _show_words(self, message_id: str, origin: Origin) -> None:
        words = self._text
        content = next(iter(discord_parts(words)), "")
        if not content.strip():
            return
        if origin.token:
            await self._rest.edit_response(origin.token, payloads.message(content))
        elif not await self._may_open():
            return
        elif self._opened and not payloads.promised(self._opened):
            await self._rest.edit(self._channel, self._opened, payloads.message(content), patience=0)
        else:
            await self._open(message_id, content, origin)
        self._shown = words

    async def _may_open(self) -> bool:
        """Not while earlier replies are on their way; what a process has opened that was killed is gone on with."""
        if self._opened:
            return True
        turns = self._turns
        opening = await self._progress.opening(self._conversation_id)
        if opening.must_wait or self._turns != turns:
            return False
        self._opened = opening.platform_id or ""
        return True

    async def _open(self, message_id: str, content: str, origin: Origin) -> None:
        """The nonce is stored before the message is sent, so that a message which nobody has recorded is found by it.

        The reply may have been stored meanwhile: then what was opened is its, not the next one's.
        """
        turns = self._turns
        if not self._opened:
            self._opened = payloads.promise(payloads.new_nonce())
            await self._progress.opened(self._conversation_id, self._opened, message_id)
            if self._turns != turns:
                return
        nonce = payloads.promised(self._opened)
        refers_to = origin.message if refers(self._target, origin) else ""
        body = payloads.message(content, nonce=nonce, refers_to=refers_to)
        sent = str((await self._rest.send(self._channel, body, patience=0))["id"])
        if self._turns != turns:
            self._remember(self._last_reply, sent)
            return
        self._opened = sent
        await self._progress.opened(self._conversation_id, sent, message_id)
