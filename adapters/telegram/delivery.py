"""Replies on their way out: in parts, each of which is recorded as soon as Telegram has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from telegram import InlineKeyboardMarkup
from telegram.error import ChatMigrated, NetworkError, TelegramError

from adapters.markup import TelegramPart, telegram_parts
from adapters.telegram import buttons, failures
from adapters.telegram.place import NO_MESSAGE, Origin, Place, parse_place
from adapters.telegram.sending import UPLOAD_BYTES, Sending
from bot.errors import NotFound, Undeliverable
from bot.messages import Attachment, Delivery, Reply, StoredFile
from bot.protocols import Files, Places, Progress, Texts

CHANNEL = "telegram"


class Previews(Protocol):
    """What shows replies while they are made."""

    async def settle(self, conversation: str, reply_id: str, answered: Origin) -> str | None:
        """Ends the preview of the reply; the message in which it was shown, if that is one to edit."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A part of the reply's text; `keys` are the buttons under its last part."""

    part: TelegramPart
    keys: InlineKeyboardMarkup | None = None


@dataclass(frozen=True, slots=True)
class _File:
    """One of the reply's attachments, the `index`th."""

    attachment: Attachment
    index: int


_Step = _Words | _File


class Deliverer:
    """Sends deliveries; one of a conversation at a time, as the sender calls it."""

    def __init__(
        self, sending: Sending, previews: Previews, *, progress: Progress, places: Places, files: Files, texts: Texts
    ) -> None:
        self._sending = sending
        self._previews = previews
        self._progress = progress
        self._places = places
        self._files = files
        self._texts = texts

    async def deliver(self, delivery: Delivery) -> str | None:
        """Sends what is not sent yet; the last message's id. Raises RetryLater and Undeliverable."""
        origin = Origin.parse(delivery.origin)
        place = parse_place(delivery.target, origin)
        opened = await self._previews.settle(delivery.target, delivery.reply.message_id, origin) or delivery.opened
        sent = list(delivery.parts)
        try:
            try:
                await self._send_rest(delivery, place, origin, opened, sent)
            except ChatMigrated as moved:
                await self._places.moved(CHANNEL, str(place.chat_id), str(moved.new_chat_id))
                await self._send_rest(delivery, place.moved_to(moved.new_chat_id), NO_MESSAGE, None, sent)
        except TelegramError as error:
            raise await self._failed(place, error) from error
        return sent[-1] if sent else None

    async def _send_rest(
        self, delivery: Delivery, place: Place, origin: Origin, opened: str | None, sent: list[str]
    ) -> None:
        """Sends the steps behind those in `sent`, and appends their messages' ids to it."""
        steps = self._steps(delivery.reply)
        for number in range(len(sent), len(steps)):
            answers = origin if number == 0 else NO_MESSAGE
            platform_id = await self._send(
                delivery.reply, steps[number], place, answers, opened if not number else None
            )
            sent.append(platform_id)
            if number + 1 < len(steps):
                await self._progress.sent_part(delivery, platform_id)

    def _steps(self, reply: Reply) -> list[_Step]:
        parts = telegram_parts(reply.text) if reply.text.strip() else []
        words: list[_Step] = [_Words(part) for part in parts[:-1]]
        words += [_Words(part, buttons.under_text(reply, self._texts)) for part in parts[-1:]]
        return words + [_File(attachment, index) for index, attachment in enumerate(reply.attachments)]

    async def _send(self, reply: Reply, step: _Step, place: Place, answers: Origin, opened: str | None) -> str:
        if isinstance(step, _File):
            return await self._send_file(reply, step, place, answers)
        if opened and await self._sending.edit(place, opened, step.part, keys=step.keys):
            return opened
        return await self._sending.text(place, step.part, answers=answers, keys=step.keys)

    async def _send_file(self, reply: Reply, step: _File, place: Place, answers: Origin) -> str:
        attachment = step.attachment
        if attachment.url.startswith(("https://", "http://")):
            return await self._say(place, f"{attachment.name} {attachment.url}".strip(), answers)
        try:
            file = await self._files.load(attachment.url)
        except NotFound:
            return await self._say(place, self._named("file_missing", attachment, reply), answers)
        if len(file.content) > UPLOAD_BYTES:
            return await self._say(place, self._named("file_too_large", attachment, reply), answers)
        try:
            return await self._upload(reply, step, file, place, answers)
        except NetworkError as error:
            if "too large" not in error.message.lower():
                raise
            return await self._say(place, self._named("file_too_large", attachment, reply), answers)

    async def _upload(self, reply: Reply, step: _File, file: StoredFile, place: Place, answers: Origin) -> str:
        kind = step.attachment.kind
        if kind == "image":
            keys = buttons.under_picture(reply, step.index, self._texts)
            return await self._sending.picture(place, file, answers=answers, keys=keys)
        if kind == "voice" and file.mime == "audio/ogg":
            return await self._sending.voice(place, file, answers=answers)
        if kind == "video" and file.mime == "video/mp4":
            return await self._sending.video(place, file, answers=answers)
        return await self._sending.document(place, file, answers=answers)

    def _named(self, key: str, attachment: Attachment, reply: Reply) -> str:
        words = self._texts.text(key, reply.language)
        return f"{attachment.name}: {words}" if attachment.name else words

    async def _say(self, place: Place, text: str, answers: Origin) -> str:
        return await self._sending.text(place, TelegramPart(text), answers=answers)

    async def _failed(self, place: Place, error: TelegramError) -> Exception:
        """What the sender is told; a chat that is closed is marked, so that nothing more is tried there."""
        failure = failures.delivery_error(error)
        if isinstance(failure, Undeliverable) and failures.is_place_closed(error):
            await self._places.unreachable(CHANNEL, self._closed(place, error), str(failure))
        return failure

    def _closed(self, place: Place, error: TelegramError) -> str:
        """A topic that is gone closes the conversation, everything else the chat."""
        return place.conversation if failures.is_topic_gone(error) else place.chat
