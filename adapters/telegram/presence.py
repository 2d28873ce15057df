"""Signs of life while replies are made; none of them delays the reply itself."""

from __future__ import annotations

import asyncio

import structlog

from adapters.telegram.place import Origin, Place
from adapters.telegram.previews import Preview, Previewer
from adapters.telegram.recent import Recent
from adapters.telegram.sending import Sending
from adapters.telegram.watcher import Watcher
from bot.errors import ParleyError
from bot.messages import Accepted
from bot.protocols import Inbox, Streams

log = structlog.get_logger()

REPLIES_REMEMBERED = 1000


class Presence:
    """Watches the conversations that wait for a reply, each by one task."""

    def __init__(self, sending: Sending, previewer: Previewer, *, streams: Streams, inbox: Inbox) -> None:
        self._sending = sending
        self._previewer = previewer
        self._streams = streams
        self._inbox = inbox
        self._watchers: dict[str, Watcher] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished = Recent[str, Preview | None](REPLIES_REMEMBERED)

    def watch(self, place: Place, origin: Origin, accepted: Accepted) -> None:
        """Shows signs of life until the message is answered, or for two minutes."""
        watcher = self._watchers.get(place.conversation)
        if watcher is None:
            watcher = Watcher(place, accepted.conversation_id, self._sending, self._previewer, self._finished)
            self._watchers[place.conversation] = watcher
            task = asyncio.create_task(self._run(watcher))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        watcher.wait_for(accepted.message_id, origin)

    async def settle(self, conversation: str, reply_id: str, answered: Origin) -> str | None:
        """Ends the preview of the reply, whose final form comes now; the message in which it was shown, if any."""
        watcher = self._watchers.get(conversation)
        if watcher:
            await watcher.end(reply_id, answered)
        preview = self._finished.get(reply_id)
        return preview.opened if preview else None

    async def close(self) -> None:
        """Ends all watching."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, watcher: Watcher) -> None:
        try:
            async with self._streams.subscribe(watcher.conversation_id) as events:
                while watcher.is_needed:
                    await watcher.run(events, self._inbox)
                self._drop(watcher)
        except ParleyError as error:
            log.debug("no signs of life", conversation=watcher.conversation_id, reason=str(error))
        finally:
            self._drop(watcher)

    def _drop(self, watcher: Watcher) -> None:
        """In the same step as its last look at what it waits for, so that no message joins one that has ended."""
        if self._watchers.get(watcher.place.conversation) is watcher:
            del self._watchers[watcher.place.conversation]
