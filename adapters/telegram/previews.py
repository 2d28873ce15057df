"""A reply that is shown while it is made: as a draft in private chats, elsewhere as a message that is edited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import structlog
from telegram.error import BadRequest, InvalidToken

from adapters.markup import TelegramPart, telegram_parts
from adapters.telegram import failures
from adapters.telegram.place import Origin, Place
from adapters.telegram.sending import Sending
from bot.protocols import Progress

log = structlog.get_logger()

PRIVATE_SECONDS = 1.0
GROUP_SECONDS = 3.0


def _draft_id() -> int:
    return secrets.randbits(31) | 1


@dataclass
class Preview:
    """What is shown of the reply to one of our messages (`message_id`), whose `origin` is Telegram's.

    `opened` is the message in which it is shown, None as long as there is none; `is_broken` says that it cannot be
    shown any further.
    """

    place: Place
    origin: Origin
    conversation_id: str
    message_id: str | None
    opened: str | None = None
    shown: TelegramPart | None = None
    is_broken: bool = False
    draft_id: int = field(default_factory=_draft_id)


class Previewer:
    """Shows previews; remembers when the server turns out to have no drafts."""

    def __init__(self, sending: Sending, progress: Progress) -> None:
        self._sending = sending
        self._progress = progress
        self._has_drafts = True

    async def show(self, preview: Preview, text: str) -> None:
        """Shows the text so far, of a long one the first message's part. Raises RetryLater and TelegramError."""
        part = next(iter(telegram_parts(text)), None)
        if part is None or part == preview.shown or not part.text.strip():
            return
        if preview.opened is None and not self._is_drafted(preview.place):
            opening = await self._progress.opening(preview.conversation_id)
            if opening.must_wait:
                return
            preview.opened = opening.platform_id
        await self._show(preview, part)
        preview.shown = part

    async def _show(self, preview: Preview, part: TelegramPart) -> None:
        if preview.opened is not None:
            await self._sending.show(preview.place, preview.opened, part)
        elif self._is_drafted(preview.place):
            await self._draft(preview, part)
        else:
            preview.opened = await self._sending.open(preview.place, part, preview.origin)
            await self._progress.opened(preview.conversation_id, preview.opened, preview.message_id)

    def seconds(self, place: Place) -> float:
        """How long one state is shown before the next."""
        return GROUP_SECONDS if place.is_group else PRIVATE_SECONDS

    def _is_drafted(self, place: Place) -> bool:
        return self._has_drafts and not place.is_group and not place.business_connection_id

    async def _draft(self, preview: Preview, part: TelegramPart) -> None:
        try:
            await self._sending.draft(preview.place, preview.draft_id, part)
        except (BadRequest, InvalidToken) as error:
            if failures.is_place_closed(error):
                raise
            self._has_drafts = False
            log.info("this server has no drafts; replies are shown by edits", reason=error.message)
