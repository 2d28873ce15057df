"""Slash commands and pressed buttons: each is acknowledged in time, then answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord

from adapters.discord.attachments import Attachments
from adapters.discord.incoming import events
from adapters.discord.incoming.commands import PRIVATE
from adapters.discord.incoming.intake import Intake
from adapters.discord.origin import Origin, conversation_id
from adapters.discord.outgoing import payloads
from adapters.discord.outgoing.rest import Rest, Upload
from bot.errors import NotFound, StorageError
from bot.messages import Attachment, Incoming, Reply
from bot.protocols import History, Texts

STORE_SECONDS = 1.5
"""A command is acknowledged after so long even if it is not stored yet; Discord waits three seconds."""


class Pending:
    """The acknowledgements that are under way: an answer must not overtake its own."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Event] = {}

    async def done(self, interaction: str) -> None:
        """Returns when the interaction is acknowledged; at once for one that this process does not know."""
        if event := self._open.get(interaction):
            await event.wait()

    def begin(self, interaction: str) -> None:
        """The same interaction may be told twice."""
        self._open.setdefault(interaction, asyncio.Event())

    def end(self, interaction: str) -> None:
        if event := self._open.pop(interaction, None):
            event.set()


class Interactions:
    """Turns what is pressed into what a customer would have written, or answers it at once."""

    def __init__(
        self, rest: Rest, intake: Intake, history: History, attachments: Attachments, texts: Texts, pending: Pending
    ) -> None:
        self._rest = rest
        self._intake = intake
        self._history = history
        self._attachments = attachments
        self._texts = texts
        self._pending = pending

    async def handle(self, interaction: discord.Interaction) -> None:
        """Raises the library's errors where Discord does not take the answer."""
        if interaction.channel is None or interaction.user.bot:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        if interaction.type is discord.InteractionType.application_command:
            name = str(data["name"])
            await self._say(interaction, events.command_text(data), private=_is_shared(interaction) and name in PRIVATE)
        elif interaction.type is discord.InteractionType.component:
            await self._press(interaction, str(data["custom_id"]))

    async def _say(self, interaction: discord.Interaction, text: str, *, private: bool = False) -> None:
        """Into the inbox, and acknowledged after that if the database is not slow."""
        incoming = _incoming(interaction, text, private=private)
        self._pending.begin(str(interaction.id))
        try:
            storing = self._intake.press(incoming)
            await asyncio.wait({storing}, timeout=STORE_SECONDS)
            await self._defer(interaction, private=private)
        finally:
            self._pending.end(str(interaction.id))
        accepted = await storing
        if accepted and not accepted.for_bot:
            await self._fill(interaction, self._text(interaction, "still_waiting"))

    async def _press(self, interaction: discord.Interaction, custom_id: str) -> None:
        pressed = payloads.pressed(custom_id)
        if pressed is None:
            return
        press, message_id, index = pressed
        if press != "q":
            await self._defer(interaction, private=True)
        try:
            async with asyncio.timeout(STORE_SECONDS):
                reply = await self._history.reply(events.CHANNEL, _conversation(interaction), message_id)
        except NotFound:
            await self._tell(interaction, press, "not_for_you")
        except (StorageError, TimeoutError):
            await self._tell(interaction, press, "busy")
        else:
            await self._answer(interaction, press, reply, index)

    async def _answer(self, interaction: discord.Interaction, press: payloads.Press, reply: Reply, index: int) -> None:
        chosen: Sequence[object] = {"q": reply.quick_replies, "s": reply.citations, "o": reply.attachments}[press]
        if index >= len(chosen):
            await self._tell(interaction, press, "button_expired")
        elif press == "q":
            await self._say(interaction, reply.quick_replies[index])
        elif press == "s":
            title = self._texts.text("sources_title", reply.language)
            await self._fill(interaction, payloads.sources(reply.citations, title))
        else:
            await self._send_original(interaction, reply.attachments[index])

    async def _send_original(self, interaction: discord.Interaction, attachment: Attachment) -> None:
        uploads, _ = await self._attachments.load([attachment])
        if uploads:
            await self._fill(interaction, "", uploads)
        else:
            await self._fill(interaction, self._text(interaction, "file_too_large"))

    async def _tell(self, interaction: discord.Interaction, press: payloads.Press, key: str) -> None:
        """A fixed text, for the one who pressed."""
        if press == "q":
            await self._defer(interaction, private=True)
        await self._fill(interaction, self._text(interaction, key))

    async def _fill(self, interaction: discord.Interaction, text: str, files: Sequence[Upload] = ()) -> None:
        await self._rest.edit_response(interaction.token, payloads.message(text, private=True), files)

    async def _defer(self, interaction: discord.Interaction, *, private: bool) -> None:
        data = {"flags": payloads.EPHEMERAL} if private else None
        await self._rest.respond(str(interaction.id), interaction.token, payloads.DEFERRED, data)

    def _text(self, interaction: discord.Interaction, key: str) -> str:
        return self._texts.text(key, events.language(interaction.locale))


def _conversation(interaction: discord.Interaction) -> str:
    return conversation_id(interaction.channel_id or "", interaction.user.id, in_guild=_is_shared(interaction))


def _is_shared(interaction: discord.Interaction) -> bool:
    return interaction.guild_id is not None


def _incoming(interaction: discord.Interaction, text: str, *, private: bool) -> Incoming:
    origin = Origin(
        channel=str(interaction.channel_id),
        interaction=str(interaction.id),
        token=interaction.token,
        user=str(interaction.user.id),
        private=private,
    )
    return Incoming(
        channel=events.CHANNEL,
        external_id=f"interaction:{interaction.id}",
        conversation=_conversation(interaction),
        user=str(interaction.user.id),
        text=text,
        user_name=interaction.user.display_name,
        language=events.language(interaction.locale),
        origin=origin.encode(),
        shared=_is_shared(interaction),
    )
