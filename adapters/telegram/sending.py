"""Single messages to Telegram: at its pace, and in a plainer form where it rejects the better one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, MessageEntity, ReplyParameters
from telegram.error import BadRequest

from adapters.markup import TelegramPart
from adapters.telegram import failures
from adapters.telegram.pace import Kind, Pace
from adapters.telegram.place import NO_MESSAGE, Origin, Place
from adapters.telegram.recent import Recent
from bot.messages import StoredFile

log = structlog.get_logger()

PHOTO_BYTES = 10_000_000
UPLOAD_BYTES = 50_000_000
MESSAGES_REMEMBERED = 5000
PHOTO_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Sending:
    """One message, edit or file at a time; each method raises RetryLater and TelegramError."""

    def __init__(self, bot: Bot, pace: Pace) -> None:
        self._bot = bot
        self._pace = pace
        self._topics = Recent[tuple[int, int], int](MESSAGES_REMEMBERED)

    def topic_of(self, chat_id: int, message_id: int) -> int | None:
        """The topic in which one of the latest messages was sent: Telegram does not tell it with a reaction."""
        return self._topics.get((chat_id, message_id))

    async def text(
        self,
        place: Place,
        part: TelegramPart,
        *,
        answers: Origin = NO_MESSAGE,
        keys: InlineKeyboardMarkup | None = None,
    ) -> str:
        """Sends a message; its id."""

        async def send(entities: Sequence[MessageEntity]) -> Any:
            return await self._bot.send_message(
                text=part.text,
                entities=entities,
                reply_markup=keys,
                link_preview_options=NO_PREVIEW,
                reply_parameters=_reply_to(place, answers),
                **_where(place),
            )

        return self._sent(place, await self._pace.message(place, lambda: _formatted(part, send)))

    async def edit(
        self, place: Place, message_id: str, part: TelegramPart, *, keys: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Gives a message its final text; False when the message is gone."""
        try:
            await self._pace.message(place, lambda: self._edit(place, message_id, part, keys))
        except BadRequest as error:
            if not failures.is_message_gone(error):
                raise
            return False
        return True

    async def open(self, place: Place, part: TelegramPart, answers: Origin) -> str:
        """Sends a message that will be edited, if there is room for it at once; its id."""

        async def send() -> Message:
            return await self._bot.send_message(
                text=part.text,
                link_preview_options=NO_PREVIEW,
                reply_parameters=_reply_to(place, answers),
                **_where(place),
            )

        return self._sent(place, await self._pace.courtesy("preview", place, send))

    async def show(self, place: Place, message_id: str, part: TelegramPart) -> None:
        """Shows more of a reply that is being made, if there is room for it at once."""
        await self._pace.courtesy("preview", place, lambda: self._edit(place, message_id, part, None))

    async def draft(self, place: Place, draft_id: int, part: TelegramPart) -> None:
        """Shows a reply that is being made where no message is needed for it: in private chats."""

        async def send() -> Any:
            return await self._bot.send_message_draft(
                place.chat_id, draft_id, part.text, message_thread_id=place.thread_id
            )

        await self._pace.courtesy("draft", place, send)

    async def typing(self, place: Place) -> None:
        """Shows for five seconds that somebody is at work."""
        kind: Kind = "typing"
        await self._pace.courtesy(kind, place, lambda: self._bot.send_chat_action(action="typing", **_where(place)))

    async def picture(
        self, place: Place, file: StoredFile, *, answers: Origin = NO_MESSAGE, keys: InlineKeyboardMarkup | None = None
    ) -> str:
        """Sends a picture to look at, or as a file where Telegram does not take it as a photo; its id."""
        if file.mime in PHOTO_TYPES and len(file.content) <= PHOTO_BYTES:
            try:
                return await self._upload(self._bot.send_photo, "photo", place, file, answers, keys)
            except BadRequest as error:
                if failures.is_place_closed(error):
                    raise
                log.info("picture sent as a file", reason=error.message)
        return await self.document(place, file, answers=answers)

    async def voice(self, place: Place, file: StoredFile, *, answers: Origin = NO_MESSAGE) -> str:
        """Sends speech (audio/ogg); its id."""
        return await self._upload(self._bot.send_voice, "voice", place, file, answers)

    async def video(self, place: Place, file: StoredFile, *, answers: Origin = NO_MESSAGE) -> str:
        """Sends a film (video/mp4); its id."""
        return await self._upload(self._bot.send_video, "video", place, file, answers)

    async def document(self, place: Place, file: StoredFile, *, answers: Origin = NO_MESSAGE) -> str:
        """Sends a file as it is; its id."""
        return await self._upload(
            self._bot.send_document, "document", place, file, answers, disable_content_type_detection=True
        )

    async def _upload(
        self,
        method: Callable[..., Awaitable[Any]],
        name: str,
        place: Place,
        file: StoredFile,
        answers: Origin,
        keys: InlineKeyboardMarkup | None = None,
        **more: Any,
    ) -> str:
        async def send() -> Any:
            return await method(
                **{name: file.content},
                filename=file.name or None,
                reply_markup=keys,
                reply_parameters=_reply_to(place, answers),
                **more,
                **_where(place),
            )

        return self._sent(place, await self._pace.message(place, send))

    def _sent(self, place: Place, message: Message) -> str:
        if place.is_group and place.thread_id:
            self._topics.put((place.chat_id, message.message_id), place.thread_id)
        return str(message.message_id)

    async def _edit(self, place: Place, message_id: str, part: TelegramPart, keys: InlineKeyboardMarkup | None) -> None:
        async def send(entities: Sequence[MessageEntity]) -> Any:
            return await self._bot.edit_message_text(
                part.text,
                chat_id=place.chat_id,
                message_id=int(message_id),
                entities=entities,
                reply_markup=keys,
                link_preview_options=NO_PREVIEW,
                business_connection_id=place.business_connection_id,
            )

        try:
            await _formatted(part, send)
        except BadRequest as error:
            if not failures.is_unmodified(error):
                raise


async def _formatted(part: TelegramPart, send: Callable[[Sequence[MessageEntity]], Awaitable[Any]]) -> Any:
    """With its formatting, or as plain text where Telegram rejects that."""
    entities = [
        MessageEntity(entity.type, entity.offset, entity.length, url=entity.url, language=entity.language)
        for entity in part.entities
    ]
    try:
        return await send(entities)
    except BadRequest as error:
        if not entities or not failures.is_markup_rejected(error):
            raise
        log.warning("formatting rejected, plain text sent", reason=error.message)
        return await send(())


def _where(place: Place) -> dict[str, Any]:
    return {
        "chat_id": place.chat_id,
        "message_thread_id": place.thread_id,
        "business_connection_id": place.business_connection_id,
    }


def _reply_to(place: Place, answers: Origin) -> ReplyParameters | None:
    """In a group the reply names the message that it answers; with one person alone that goes without saying."""
    if not place.is_group or answers.message_id is None:
        return None
    return ReplyParameters(answers.message_id, allow_sending_without_reply=True)
