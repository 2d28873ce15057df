"""What the bot does about an event: stores what was said, answers buttons, notes what became of a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from adapters.markup import telegram_parts
from adapters.telegram import buttons, failures
from adapters.telegram.attachments import Fetched
from adapters.telegram.events import Closed, Moved, Pressed, Reacted, Said
from adapters.telegram.place import Origin, Place
from adapters.telegram.presence import Presence
from adapters.telegram.sending import Sending
from adapters.telegram.sources import sources_text
from bot.errors import InvalidMessage, NotFound, RetryLater
from bot.messages import Incoming, Reply
from bot.protocols import Files, History, Inbox, Places, Texts

log = structlog.get_logger()

CHANNEL = "telegram"
ALBUM_SECONDS = 1.0
ANSWER_TRIES = 3
FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Core:
    """What of the core the channel speaks to."""

    inbox: Inbox
    history: History
    places: Places
    files: Files
    texts: Texts


class Handling:
    """One method for each kind of event; what is raised means that the update has to come again."""

    def __init__(self, bot: Bot, sending: Sending, presence: Presence, core: Core) -> None:
        self._bot = bot
        self._sending = sending
        self._presence = presence
        self._core = core

    async def said(self, said: Said, fetched: Fetched, external_id: str) -> None:
        """Stores the message, and shows signs of life until its reply comes."""
        text = "\n".join(filter(None, [said.text, *fetched.notes]))
        incoming = Incoming(
            channel=CHANNEL,
            external_id=external_id,
            conversation=said.place.conversation,
            user=str(said.person.id),
            text=text,
            attachments=fetched.attachments,
            user_name=said.person.name or None,
            language=said.person.language,
            origin=said.origin.text(),
            replaces=said.origin.text() if said.is_edit else "",
            settle_seconds=ALBUM_SECONDS if said.album else None,
            shared=said.place.is_group,
        )
        await self._accept(incoming, said.place, said.origin)

    async def pressed(self, pressed: Pressed, external_id: str, in_turn: Callable[[], Awaitable[None]]) -> None:
        """Answers the button in any case and at once, as the customer's app shows it at work until then; what it
        says is stored `in_turn`, behind earlier messages."""
        button, reply = buttons.parse(pressed.data), None
        if button and pressed.place:
            reply = await self._reply(pressed.place, button.message_id)
        language = pressed.person.language or FALLBACK_LANGUAGE
        if button is None or pressed.place is None:
            await self._answer(pressed, self._core.texts.text("button_expired", language))
        elif reply is None:
            await self._answer(pressed, self._core.texts.text("not_for_you", language))
        else:
            await self._press(pressed, pressed.place, button, reply)
            if button.action == "q" and button.index < len(reply.quick_replies):
                await in_turn()
                await self._say(pressed, pressed.place, reply.quick_replies[button.index], external_id)

    async def reacted(self, reacted: Reacted) -> None:
        """Thumbs under a reply are the customer's opinion of it; others' are nobody's."""
        topic = self._sending.topic_of(reacted.place.chat_id, reacted.message_id)
        place = replace(reacted.place, thread_id=topic) if reacted.place.is_group else reacted.place
        history, conversation = self._core.history, place.conversation
        try:
            reply = await history.reply_sent_as(CHANNEL, conversation, str(reacted.message_id))
            await history.rate(reply.message_id, str(reacted.person.id), CHANNEL, reacted.score)
        except NotFound:
            log.debug("a reaction to something else", conversation=conversation)

    async def closed(self, closed: Closed) -> None:
        """Nothing more is sent there until the customer writes again."""
        await self._core.places.unreachable(CHANNEL, closed.chat, closed.reason)

    async def moved(self, moved: Moved) -> None:
        """The conversations of the group go on in the supergroup."""
        await self._core.places.moved(CHANNEL, str(moved.old), str(moved.new))

    async def _accept(self, incoming: Incoming, place: Place, origin: Origin) -> None:
        try:
            accepted = await self._core.inbox.accept(incoming)
        except InvalidMessage as error:
            log.warning("message not taken", external_id=incoming.external_id[:80], reason=str(error))
            return
        if accepted.for_bot and accepted.reply is None:
            self._presence.watch(place, origin, accepted)

    async def _reply(self, place: Place, message_id: str) -> Reply | None:
        try:
            return await self._core.history.reply(CHANNEL, place.conversation, message_id)
        except NotFound:
            return None

    async def _press(self, pressed: Pressed, place: Place, button: buttons.Button, reply: Reply) -> None:
        if button.action == "q" and button.index < len(reply.quick_replies):
            await self._answer(pressed)
        elif button.action == "s" and reply.citations:
            await self._answer(pressed)
            await self._show_sources(pressed, place, reply)
        elif button.action == "o" and button.index < len(reply.attachments):
            await self._answer(pressed)
            await self._send_original(pressed, place, reply, button.index)
        else:
            await self._answer(pressed, self._core.texts.text("button_expired", reply.language))

    async def _answer(self, pressed: Pressed, text: str | None = None) -> None:
        """Ends the button's sign of work, and shows the text over the chat. One that is too old has ended by itself."""
        for failed in range(1, ANSWER_TRIES + 1):
            try:
                await self._bot.answer_callback_query(pressed.query_id, text)
                return
            except TelegramError as error:
                log.debug("button not answered", reason=error.message)
                if isinstance(error, BadRequest) or failed == ANSWER_TRIES:
                    return
                await asyncio.sleep(failures.pause(error, failed))

    async def _say(self, pressed: Pressed, place: Place, text: str, external_id: str) -> None:
        incoming = Incoming(
            channel=CHANNEL,
            external_id=external_id,
            conversation=place.conversation,
            user=str(pressed.person.id),
            text=text,
            user_name=pressed.person.name or None,
            language=pressed.person.language,
            origin=pressed.origin.text(),
            shared=place.is_group,
        )
        await self._accept(incoming, place, pressed.origin)

    async def _show_sources(self, pressed: Pressed, place: Place, reply: Reply) -> None:
        title = self._core.texts.text("sources_title", reply.language)
        try:
            for part in telegram_parts(sources_text(title, reply.citations)):
                await self._sending.text(place, part, answers=pressed.origin)
        except (RetryLater, TelegramError) as error:
            log.info("sources not shown", conversation=place.conversation, reason=str(error))

    async def _send_original(self, pressed: Pressed, place: Place, reply: Reply, index: int) -> None:
        try:
            file = await self._core.files.load(reply.attachments[index].url)
            await self._sending.document(place, file, answers=pressed.origin)
        except (RetryLater, NotFound, TelegramError) as error:
            log.info("picture not sent", conversation=place.conversation, reason=str(error))
