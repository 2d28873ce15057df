"""Changing messages of the bot."""

from __future__ import annotations

import time

from adapters.playground.telegram.chats import is_from_bot
from adapters.playground.telegram.errors import JsonObject, bad_request
from adapters.playground.telegram.parameters import Parameters
from adapters.playground.telegram.texts import inline_keyboard, message_caption, message_text
from adapters.playground.telegram.world import World

_UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
_MEDIA = ("photo", "document", "voice")


async def edit_message_text(world: World, parameters: Parameters) -> JsonObject:
    """Replaces text and inline keyboard of a text message."""
    content = message_text(parameters)
    return _edit(world, parameters, content | inline_keyboard(parameters), ("text", "entities", "reply_markup"))


async def edit_message_caption(world: World, parameters: Parameters) -> JsonObject:
    """Replaces caption and inline keyboard of a message with media."""
    content = message_caption(parameters)
    fields = ("caption", "caption_entities", "reply_markup")
    return _edit(world, parameters, content | inline_keyboard(parameters), fields)


async def edit_message_reply_markup(world: World, parameters: Parameters) -> JsonObject:
    """Replaces the inline keyboard."""
    return _edit(world, parameters, inline_keyboard(parameters), ("reply_markup",))


def _edit(world: World, parameters: Parameters, content: JsonObject, fields: tuple[str, ...]) -> JsonObject:
    """Sets `fields` of the message to what `content` has of them; those that it has not are removed."""
    chat = world.writable(parameters.text("chat_id"), parameters.text("business_connection_id"))
    message_id = parameters.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = world.message(chat, message_id, "message to edit not found")
    if not is_from_bot(message, world.bot):
        raise bad_request("message can't be edited")
    if "text" in fields and "text" not in message:
        raise bad_request("there is no text in the message to edit")
    if "caption" in fields and not any(kind in message for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    if all(content.get(field) == message.get(field) for field in fields):
        raise bad_request(_UNCHANGED)
    world.charge(chat)
    kept = {name: value for name, value in message.items() if name not in fields}
    chat.messages[message_id] = kept | content | {"edit_date": int(time.time())}
    world.changes.announce()
    return chat.messages[message_id]
