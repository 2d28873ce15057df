"""Privacy mode: which messages of a group the bot gets to see."""

from __future__ import annotations

import re

from adapters.playground.telegram.chats import Chat, User, is_from_bot
from adapters.playground.telegram.entities import cut
from adapters.playground.telegram.errors import JsonObject
from adapters.playground.telegram.world import World


def sees(world: World, chat: Chat, message: JsonObject) -> bool:
    """Whether privacy mode shows a message to the bot: core.telegram.org/bots/features#privacy-mode."""
    if not chat.is_group or not world.privacy_mode or chat.bot_status == "administrator":
        return True
    if is_from_bot(message.get("reply_to_message", {}), world.bot):
        return True
    text = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or []
    return any(_addresses(world.bot, entity, cut(text, entity)) for entity in entities)


def _addresses(bot: User, entity: JsonObject, words: str) -> bool:
    """Whether an entity is a mention of the bot, or a command that is not meant for another bot."""
    name = re.escape(bot.username)
    if entity["type"] == "mention":
        return re.fullmatch(f"@{name}", words, re.IGNORECASE) is not None
    if entity["type"] == "bot_command":
        return re.fullmatch(f"/[^@]+(?:@{name})?", words, re.IGNORECASE) is not None
    return bool(entity["type"] == "text_mention" and entity.get("user", {}).get("id") == bot.id)
