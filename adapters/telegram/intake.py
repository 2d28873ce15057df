"""The way in: updates of one conversation are handled in their order, those of different ones at once."""

from __future__ import annotations

import asyncio

import structlog

from adapters.telegram.attachments import Attachments, Fetched
from adapters.telegram.checked import Malformed
from adapters.telegram.events import Closed, Event, Ignored, Moved, Pressed, Reacted, Said
from adapters.telegram.handling import FALLBACK_LANGUAGE, Handling
from adapters.telegram.updates import Reader, update_id_of
from bot.errors import Busy, StorageError

log = structlog.get_logger()

Work = asyncio.Task[None]
Fetching = asyncio.Task[Fetched]


class Intake:
    """Handles updates; whatever is raised by the task of one means that it has to come again.

    Nothing is remembered but what is under way. An update that comes again in the meantime is the same work.
    """

    def __init__(self, bot_id: int, reader: Reader, handling: Handling, attachments: Attachments) -> None:
        self._bot_id = bot_id
        self._reader = reader
        self._handling = handling
        self._attachments = attachments
        self._under_way: dict[int, Work] = {}
        self._latest: dict[str, Work] = {}
        self._albums: dict[str, set[Fetching]] = {}

    def take(self, raw: object) -> Work | None:
        """Begins to handle an update; None where there is nothing to do for it."""
        update_id = update_id_of(raw)
        if update_id is None:
            log.warning("malformed update", update=None, reason="it has no update_id")
            return None
        if update_id in self._under_way:
            return self._under_way[update_id]
        event = self._read(raw, update_id)
        if isinstance(event, Ignored):
            log.debug("update ignored", update=update_id, reason=event.reason)
            return None
        return self._begin(event, update_id)

    async def close(self) -> None:
        """Ends what is under way; it will come again."""
        works = list(self._under_way.values())
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    def _read(self, raw: object, update_id: int) -> Event:
        try:
            return self._reader.read(raw)
        except Malformed as error:
            log.warning("malformed update", update=update_id, reason=str(error)[:200])
            return Ignored("it is malformed")

    def _begin(self, event: Event, update_id: int) -> Work:
        conversation, fetching = _conversation(event), self._fetch(event)
        before = self._latest.get(conversation)
        work = asyncio.create_task(self._run(event, update_id, before, fetching))
        self._under_way[update_id] = self._latest[conversation] = work
        work.add_done_callback(lambda done: self._forget(done, update_id, event, fetching))
        return work

    def _fetch(self, event: Event) -> Fetching | None:
        """Files are fetched at once, also while earlier messages are handled."""
        if not isinstance(event, Said) or not event.files:
            return None
        language = event.person.language or FALLBACK_LANGUAGE
        fetching = asyncio.create_task(self._attachments.fetch(event.files, language))
        if event.album:
            self._albums.setdefault(event.album, set()).add(fetching)
        return fetching

    async def _run(self, event: Event, update_id: int, before: Work | None, fetching: Fetching | None) -> None:
        try:
            await self._handle(event, f"{self._bot_id}:{update_id}", before, fetching)
        except (StorageError, Busy):
            raise
        except Exception as error:  # a fault in the program must not hold up the updates behind it for ever
            log.error("update lost", update=update_id, exc_info=error)

    async def _handle(self, event: Event, external_id: str, before: Work | None, fetching: Fetching | None) -> None:
        if isinstance(event, Pressed):
            await self._handling.pressed(event, external_id, lambda: _end_of(before))
            return
        await _end_of(before)
        if isinstance(event, Said):
            fetched = await self._fetched(event, fetching) if fetching else Fetched()
            await self._handling.said(event, fetched, external_id)
        elif isinstance(event, Reacted):
            await self._handling.reacted(event)
        elif isinstance(event, Closed):
            await self._handling.closed(event)
        elif isinstance(event, Moved):
            await self._handling.moved(event)

    async def _fetched(self, said: Said, fetching: Fetching) -> Fetched:
        """An album's messages are stored when all of them that are known are there, so that one turn takes them."""
        await asyncio.wait({fetching, *self._albums.get(said.album or "", ())})
        return await fetching

    def _forget(self, work: Work, update_id: int, event: Event, fetching: Fetching | None) -> None:
        del self._under_way[update_id]
        if self._latest.get(conversation := _conversation(event)) is work:
            del self._latest[conversation]
        if fetching and isinstance(event, Said):
            fetching.cancel()
            self._leave_album(event.album or "", fetching)
        if not work.cancelled():
            work.exception()  # who waits for the work hears of it; perhaps nobody does any more

    def _leave_album(self, album: str, fetching: Fetching) -> None:
        rest = self._albums.get(album, set()) - {fetching}
        if rest:
            self._albums[album] = rest
        else:
            self._albums.pop(album, None)


async def _end_of(before: Work | None) -> None:
    """Of the work before this one; if that failed, this one fails too, so that both come again in their order."""
    if before is not None:
        await asyncio.shield(before)


def _conversation(event: Event) -> str:
    """Whose order an event belongs to."""
    if isinstance(event, Said | Reacted | Pressed):
        return event.place.conversation if event.place else ""
    return event.chat if isinstance(event, Closed) else str(event.old) if isinstance(event, Moved) else ""
