"""What is written on Discord, as the core understands it. Pure: no call leaves this file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from adapters.discord.options import DiscordOptions
from adapters.discord.origin import Origin, conversation_id
from bot.messages import Incoming

CHANNEL = "discord"
LONGEST_THREAD_NAME = 100
WRITTEN = (discord.MessageType.default, discord.MessageType.reply)
"""Other kinds tell what happened: somebody joined, pinned a message, opened a thread."""
SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
THUMBS = {"\N{THUMBS UP SIGN}": 1, "\N{THUMBS DOWN SIGN}": -1}
Member = discord.User | discord.Member


@dataclass(frozen=True, slots=True)
class Written:
    """A message that is to be answered, before its files are fetched."""

    incoming: Incoming
    files: tuple[discord.Attachment, ...]
    may_open_thread: bool


def written(message: discord.Message, me: discord.ClientUser, options: DiscordOptions) -> Written | None:
    """None for what is not for the bot: its own words, other bots', webhooks', and others' talk on a server."""
    if message.author.bot or message.webhook_id is not None or message.type not in WRITTEN:
        return None
    if not _is_addressed(message, me, options):
        return None
    edited = str(int(message.edited_at.timestamp() * 1000)) if message.edited_at else ""
    origin = Origin(channel=str(message.channel.id), message=str(message.id), edited=edited)
    incoming = Incoming(
        channel=CHANNEL,
        external_id=f"{message.id}:{edited}" if edited else str(message.id),
        conversation=conversation_id(message.channel.id, message.author.id, in_guild=not _is_direct(message)),
        user=str(message.author.id),
        text=_text(message, me),
        user_name=message.author.display_name,
        origin=origin.encode(),
        replaces=replace(origin, edited="").encode() if edited else "",
        shared=not _is_direct(message),
    )
    may_open_thread = not _is_direct(message) and not isinstance(message.channel, discord.Thread)
    return Written(incoming, tuple(_files(message)), may_open_thread)


def thread_name(question: str, bot_name: str) -> str:
    """The question as the name of its thread."""
    name = " ".join(question.split()) or bot_name or "?"
    return name if len(name) <= LONGEST_THREAD_NAME else f"{name[: LONGEST_THREAD_NAME - 1]}…"


def thumbs(emoji: discord.PartialEmoji) -> int | None:
    """+1 or -1 for a thumb of any colour, None for other reactions."""
    return THUMBS.get(SKIN_TONES.sub("", emoji.name or ""))


def command_text(data: dict[str, object]) -> str:
    """A slash command as its customer would have written it: the name and what was filled in."""
    options = data.get("options")
    values = [str(option.get("value", "")) for option in options] if isinstance(options, list) else []
    return " ".join(filter(None, [f"/{data['name']}", *(value.strip() for value in values)]))


def language(locale: discord.Locale) -> str:
    """`zh` of `zh-CN`."""
    return str(locale).partition("-")[0]


def _is_direct(message: discord.Message) -> bool:
    return isinstance(message.channel, discord.DMChannel)


def _is_addressed(message: discord.Message, me: discord.ClientUser, options: DiscordOptions) -> bool:
    if _is_direct(message):
        return True
    if options.guilds == "mention":
        return _mentions(message, me) or _answers(message, me) or _is_in_own_thread(message, me)
    return options.guilds == "all" and bool(message.content or message.attachments or message.message_snapshots)


def _mentions(message: discord.Message, me: discord.ClientUser) -> bool:
    """Also by the role that Discord makes for each bot, which is easily taken for the bot itself."""
    named = any(user.id == me.id for user in _mentioned(message)) or f"<@{me.id}>" in message.content
    return named or bool(_own_roles(message, me))


def _mentioned(message: discord.Message) -> Sequence[Member]:
    """The library leaves the attribute out where the event does."""
    return getattr(message, "mentions", ())


def _own_roles(message: discord.Message, me: discord.ClientUser) -> list[discord.Role]:
    roles: Sequence[discord.Role] = getattr(message, "role_mentions", ())
    return [role for role in roles if role.tags is not None and role.tags.bot_id == me.id]


def _answers(message: discord.Message, me: discord.ClientUser) -> bool:
    answered = message.reference.resolved if message.reference else None
    return isinstance(answered, discord.Message) and answered.author.id == me.id


def _is_in_own_thread(message: discord.Message, me: discord.ClientUser) -> bool:
    """In a thread that the bot made for a question, unless the words are for somebody else there."""
    thread = message.channel
    if not isinstance(thread, discord.Thread) or thread.owner_id != me.id:
        return False
    return not _mentioned(message) and message.reference is None


def _text(message: discord.Message, me: discord.ClientUser) -> str:
    """Without the mention of the bot, and with the names of others for their ids; what was forwarded, if it is all."""
    text = message.content or "\n".join(snapshot.content for snapshot in message.message_snapshots)
    for role in _own_roles(message, me):
        text = text.replace(f"<@&{role.id}>", " ")
    text = text.replace(f"<@{me.id}>", " ").replace(f"<@!{me.id}>", " ")
    return _named(text, _mentioned(message)).strip()


def _named(text: str, users: Sequence[Member]) -> str:
    for user in users:
        name = f"@{user.display_name}"
        text = text.replace(f"<@{user.id}>", name).replace(f"<@!{user.id}>", name)
    return text


def _files(message: discord.Message) -> list[discord.Attachment]:
    forwarded = [file for snapshot in message.message_snapshots for file in snapshot.attachments]
    return [*message.attachments, *forwarded]
