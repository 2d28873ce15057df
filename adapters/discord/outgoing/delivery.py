"""Brings a reply to its place on Discord, once, whole, and over an interruption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
import structlog

from adapters.discord import failures
from adapters.discord.attachments import Attachments
from adapters.discord.origin import Origin, channel_of, refers
from adapters.discord.outgoing import payloads
from adapters.discord.outgoing.rest import DELIVERY_PATIENCE, Rest, Upload
from adapters.markup import discord_parts
from bot.messages import Attachment, Delivery, Reply
from bot.protocols import Progress, Texts

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a reply."""

    text: str
    buttons: Sequence[dict[str, Any]] = ()
    files: Sequence[Upload] = ()
    bare: str = ""
    """What is sent where Discord refuses the buttons or the files."""


class Deliverer:
    """Sends replies part by part and records each, so that an interrupted one goes on where it was."""

    def __init__(self, progress: Progress, attachments: Attachments, texts: Texts) -> None:
        self._progress = progress
        self._attachments = attachments
        self._texts = texts

    async def deliver(self, rest: Rest, delivery: Delivery, opened: str | None) -> str:
        """The id of the last part; `opened` is the message that shows the reply already.

        Raises the library's errors.
        """
        parts = await self._parts(delivery.reply)
        outlet = Outlet(rest, delivery, opened)
        sent = delivery.parts[-1] if delivery.parts else ""
        for number in range(len(delivery.parts), len(parts)):
            sent = await outlet.put(number, parts[number])
            if number + 1 < len(parts):
                await self._progress.sent_part(delivery, sent)
        return sent

    async def _parts(self, reply: Reply) -> list[Part]:
        """The last one carries the files and the buttons; for what cannot be sent along there are words."""
        uploads, left = await self._attachments.load(reply.attachments)
        words = [reply.text, *(self._instead(attachment, reply.language) for attachment in left)]
        texts = discord_parts("\n\n".join(filter(None, words))) or [""]
        bare = texts[-1] or self._texts.text("file_too_large", reply.language)
        last = Part(texts[-1], payloads.buttons(reply, self._texts), uploads, bare)
        return [*(Part(text) for text in texts[:-1]), last]

    def _instead(self, attachment: Attachment, language: str) -> str:
        if attachment.url.startswith(("https://", "http://")):
            return attachment.url
        return " ".join(filter(None, [attachment.name, self._texts.text("file_too_large", language)]))


class Outlet:
    """Where the parts of one delivery go: into the answer to an interaction, into the message that shows the reply
    already, or into the channel."""

    def __init__(self, rest: Rest, delivery: Delivery, opened: str | None) -> None:
        self._rest = rest
        self._origin = Origin.decode(delivery.origin)
        self._key = delivery.reply.message_id
        self._opened = opened
        self._channel = channel_of(delivery.target)
        self._token = self._origin.token
        self._refers = refers(delivery.target, self._origin)

    async def put(self, number: int, part: Part) -> str:
        """Sends or completes a part; its id."""
        try:
            return await self._put(number, part)
        except discord.HTTPException as error:
            if error.code not in failures.REFUSED_FORMS or not part.bare:
                raise
            log.warning("sent without buttons and files", channel="discord", reply=self._key, reason=error.text)
            return await self._put(number, Part(part.bare))

    async def _put(self, number: int, part: Part) -> str:
        if self._token:
            try:
                return await self._respond(number, part)
            except discord.HTTPException as error:
                if not failures.is_over(error):
                    raise
                self._token = ""
        if number == 0 and self._opened and not payloads.promised(self._opened):
            try:
                return await self._complete(self._opened, part)
            except discord.NotFound as error:
                if error.code != failures.UNKNOWN_MESSAGE:
                    raise
        return await self._post(number, part)

    async def _respond(self, number: int, part: Part) -> str:
        """The first part fills the answer that was promised, which may be done again and again."""
        body = payloads.message(part.text, buttons=part.buttons, private=self._origin.private)
        if number == 0:
            return str((await self._rest.edit_response(self._token, body, part.files))["id"])
        if self._origin.private:
            return str((await self._rest.follow_up(self._token, body, part.files))["id"])
        return await self._post(number, part)

    async def _post(self, number: int, part: Part) -> str:
        """The nonce makes a repeated post the same message; one that was opened with the first words is completed."""
        if self._origin.private:
            self._channel = await self._rest.direct_channel(self._origin.user)
        promised = payloads.promised(self._opened or "") if number == 0 else ""
        body = payloads.message(
            part.text,
            nonce=promised or payloads.nonce(self._key, number),
            refers_to=self._origin.message if number == 0 and self._refers else "",
            buttons=part.buttons,
        )
        sent = str((await self._rest.send(self._channel, body, part.files))["id"])
        return await self._complete(sent, part) if promised else sent

    async def _complete(self, message: str, part: Part) -> str:
        body = payloads.message(part.text, buttons=part.buttons)
        await self._rest.edit(self._channel, message, body, part.files, patience=DELIVERY_PATIENCE)
        return message
