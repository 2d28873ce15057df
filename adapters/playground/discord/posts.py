"""Messages and reactions as they come, change and go."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.playground.discord.errors import ApiError, Refusal
from adapters.playground.discord.events import Event, Intent
from adapters.playground.discord.model import (
    NO_FLAGS,
    Attachment,
    Channel,
    Interaction,
    Json,
    Message,
    MessageFlag,
    MessageType,
    Upload,
    User,
)
from adapters.playground.discord.payloads import emoji_payload, member_payload, message_payload
from adapters.playground.discord.world import World

MENTION = re.compile(r"<@!?(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")
NONCE_SECONDS = 300.0
KEPT_NONCES = 50_000
KEPT_CONTENTS = 100
MOST_REACTIONS = 20
ALL_KINDS = frozenset({"users", "roles", "everyone"})


@dataclass(frozen=True)
class AllowedMentions:
    """Who may be pinged: whole kinds, and single users."""

    kinds: frozenset[str] = ALL_KINDS
    users: frozenset[str] = frozenset()
    replied_user: bool = True

    def allow(self, user_id: str) -> bool:
        return "users" in self.kinds or user_id in self.users


@dataclass(frozen=True)
class Draft:
    """A message about to be sent."""

    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    uploads: tuple[Upload, ...] = ()
    answers: Message | None = None
    nonce: str | int | None = None
    enforce_nonce: bool = False
    flags: MessageFlag = NO_FLAGS
    allowed: AllowedMentions = AllowedMentions()

    @property
    def is_empty(self) -> bool:
        return not (self.content.strip() or self.embeds or self.uploads or self.components)


class Posts:
    """Changes messages and tells of it; rights and forms have been checked before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: OrderedDict[tuple[str, str], Message] = OrderedDict()

    def send(
        self,
        channel: Channel,
        author: User,
        draft: Draft,
        *,
        type: MessageType = MessageType.DEFAULT,
        interaction: Interaction | None = None,
    ) -> Message:
        """A new message, or with an enforced nonce the one that its author has sent with it of late."""
        if draft.enforce_nonce and (known := self._known(author, draft.nonce)):
            return known
        channel.archived = False
        message = Message(self._world.ids.next(), channel, author, self._world.clock.now(), type=type)
        message.nonce, message.interaction = draft.nonce, interaction
        if draft.answers:
            self._refer(message, draft.answers)
        self._fill(message, draft)
        self._world.keep(message)
        self._remember(author, message)
        self.tell("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, changes: dict[str, Any], allowed: AllowedMentions) -> Message:
        """`changes` are the message's fields that are to be other ones."""
        message.history = [*message.history[-KEPT_CONTENTS:], message.content]
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited_at = self._world.clock.now()
        self._mention(message, allowed)
        self._world.keep_files(message)
        self.tell("MESSAGE_UPDATE", message)
        return message

    def fill(self, message: Message, draft: Draft) -> Message:
        """Gives a deferred answer what it was waiting for; whether it is ephemeral stays."""
        message.flags = (message.flags | draft.flags & ~MessageFlag.EPHEMERAL) & ~MessageFlag.LOADING
        self._fill(message, draft)
        message.edited_at = self._world.clock.now()
        self._world.keep_files(message)
        self.tell("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        self._world.forget(message)
        gone = {"id": message.id, "channel_id": message.channel.id} | _place(message.channel)
        self._tell(message.channel, "MESSAGE_DELETE", gone, Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES)

    def react(self, message: Message, user: User, emoji: str) -> None:
        """Raises ApiError 30010 at the twenty-first different emoji."""
        users = message.reactions.get(emoji)
        if users is None and len(message.reactions) >= MOST_REACTIONS:
            raise ApiError(Refusal.TOO_MANY_REACTIONS)
        if users is None or user.id not in users:
            message.reactions.setdefault(emoji, []).append(user.id)
            self._tell_reaction("MESSAGE_REACTION_ADD", message, user, emoji)

    def unreact(self, message: Message, user: User, emoji: str) -> None:
        users = message.reactions.get(emoji, [])
        if user.id in users:
            users.remove(user.id)
            if not users:
                del message.reactions[emoji]
            self._tell_reaction("MESSAGE_REACTION_REMOVE", message, user, emoji)

    def start_typing(self, channel: Channel, user: User) -> None:
        now = self._world.clock.now()
        channel.typing.append((user.id, now))
        data: Json = {"channel_id": channel.id, "user_id": user.id, "timestamp": int(now)} | _place(channel)
        if channel.guild:
            data["member"] = member_payload(user, channel.guild)
        self._tell(channel, "TYPING_START", data, Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING)

    def tell(self, name: str, message: Message) -> None:
        """A message event; those of an ephemeral message nobody is told."""
        if message.is_ephemeral:
            self._world.changes.note()
            return
        data = self.event_data(message)
        intent = Intent.GUILD_MESSAGES if message.channel.guild else Intent.DIRECT_MESSAGES
        stripped = None if self.is_readable(message) else without_content(data)
        self._world.tell(Event(name, data, message.channel.guild, intent, stripped))

    def event_data(self, message: Message) -> Json:
        """The message as gateway events carry it."""
        world, guild = self._world, message.channel.guild
        data = message_payload(message, world.links, world.bot) | _place(message.channel)
        if guild and not message.interaction:
            data["member"] = member_payload(message.author, guild, with_user=False)
        if guild:
            for user, shown in zip(message.mentions, data["mentions"], strict=True):
                shown["member"] = member_payload(user, guild, with_user=False)
        return data

    def is_readable(self, message: Message) -> bool:
        """Whether the bot may read the content without MESSAGE_CONTENT: direct, its own, or it is mentioned."""
        bot = self._world.bot
        return message.channel.guild is None or message.author is bot or bot in message.mentions

    def _fill(self, message: Message, draft: Draft) -> None:
        message.content, message.embeds, message.components = draft.content, draft.embeds, draft.components
        message.flags |= draft.flags
        message.attachments = [self.attach(message, upload) for upload in draft.uploads]
        self._mention(message, draft.allowed)

    def attach(self, message: Message, upload: Upload) -> Attachment:
        return Attachment(self._world.ids.next(), message.channel.id, upload)

    def files_after(self, message: Message, body: Json, uploads: Sequence[Upload]) -> dict[str, Any]:
        """The change of its files that an edit wants: those that its body still lists, and the new ones."""
        if "attachments" not in body and not uploads:
            return {}
        listed = {str(each.get("id")) for each in body.get("attachments") or []}
        kept = [each for each in message.attachments if each.id in listed or "attachments" not in body]
        return {"attachments": [*kept, *(self.attach(message, upload) for upload in uploads)]}

    def _refer(self, message: Message, answers: Message) -> None:
        message.answers = answers
        message.reference = {"type": 0, "message_id": answers.id, "channel_id": answers.channel.id}
        message.reference |= _place(answers.channel)
        if message.type is MessageType.DEFAULT:
            message.type = MessageType.REPLY

    def _mention(self, message: Message, allowed: AllowedMentions) -> None:
        named = dict.fromkeys(user_id for user_id in MENTION.findall(message.content) if allowed.allow(user_id))
        if message.answers and allowed.replied_user:
            named.setdefault(message.answers.author.id)
        message.mentions = [self._world.users[each] for each in named if each in self._world.users]
        message.mentions_everyone = "everyone" in allowed.kinds and bool(EVERYONE.search(message.content))

    def _known(self, author: User, nonce: str | int | None) -> Message | None:
        known = self._nonces.get((author.id, str(nonce))) if nonce is not None else None
        return known if known and known.sent_at > self._world.clock.now() - NONCE_SECONDS else None

    def _remember(self, author: User, message: Message) -> None:
        if message.nonce is None:
            return
        self._nonces[author.id, str(message.nonce)] = message
        if len(self._nonces) > KEPT_NONCES:
            self._nonces.popitem(last=False)

    def _tell_reaction(self, name: str, message: Message, user: User, emoji: str) -> None:
        channel = message.channel
        data: Json = {"user_id": user.id, "channel_id": channel.id, "message_id": message.id} | _place(channel)
        data |= {"emoji": emoji_payload(emoji), "burst": False, "type": 0}
        if name == "MESSAGE_REACTION_ADD":
            data["message_author_id"] = message.author.id
            if channel.guild:
                data["member"] = member_payload(user, channel.guild)
        self._tell(channel, name, data, Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS)

    def _tell(self, channel: Channel, name: str, data: Json, in_guild: Intent, direct: Intent) -> None:
        self._world.tell(Event(name, data, channel.guild, in_guild if channel.guild else direct))


def without_content(message: Json) -> Json:
    """What a bot sees of a message that it may not read."""
    return message | {"content": "", "embeds": [], "attachments": [], "components": []}


def _place(channel: Channel) -> Json:
    return {"guild_id": channel.guild.id} if channel.guild else {}
