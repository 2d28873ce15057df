"""Whether a message of a group is meant for the bot, and what of it is meant. Offsets are UTF-16 units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from telegram import Message, MessageEntity

from adapters.telegram.checked import whole, words

_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account."""

    id: int
    username: str

    def is_named(self, username: str) -> bool:
        return username.lower() == self.username.lower()


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a message as the core shall read them.

    `to_me` is set by a mention, a command or a reply; `to_another` by another bot's command.
    """

    text: str
    to_me: bool = False
    to_another: bool = False


def read_words(message: Message, me: Me) -> Spoken:
    """The text or caption without mentions of the bot; a command without the name behind it."""
    text = words(message.text or message.caption or "", "the text")
    entities = [*message.entities, *message.caption_entities]
    mentions = [entity for entity in entities if _mentions(entity, text, me)]
    if mentions:
        text = _without(text, mentions).lstrip(" ,:;").strip()
    command = _COMMAND.fullmatch(text)
    if command and command[2] and not me.is_named(command[2]):
        return Spoken(text, to_another=True)
    if command:
        return Spoken(f"/{command[1]}{command[3]}", to_me=True)
    return Spoken(text, to_me=bool(mentions) or _replies_to(message, me))


def _mentions(entity: MessageEntity, text: str, me: Me) -> bool:
    if entity.type == MessageEntity.MENTION:
        return me.is_named(_cut(text, entity).removeprefix("@"))
    return entity.type == MessageEntity.TEXT_MENTION and entity.user is not None and entity.user.id == me.id


def _replies_to(message: Message, me: Me) -> bool:
    """Messages of a topic formally reply to the message that made the topic, whoever made it."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created or answered.from_user is None:
        return False
    return answered.from_user.id == me.id


def _cut(text: str, entity: MessageEntity) -> str:
    start = 2 * whole(entity.offset, "an entity's offset")
    end = start + 2 * whole(entity.length, "an entity's length")
    return text.encode("utf-16-le", "surrogatepass")[start:end].decode("utf-16-le", "replace")


def _without(text: str, entities: Iterable[MessageEntity]) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(entities, key=lambda entity: entity.offset, reverse=True):
        units = units[: 2 * entity.offset] + units[2 * (entity.offset + entity.length) :]
    return units.decode("utf-16-le", "replace")
