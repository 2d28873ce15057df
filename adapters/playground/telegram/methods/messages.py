"""Text messages, their previews, the typing indicator, and deletion."""

from __future__ import annotations

import time

from adapters.playground.telegram.chats import Chat, Draft, is_from_bot
from adapters.playground.telegram.errors import JsonObject, bad_request
from adapters.playground.telegram.methods.sending import post, target
from adapters.playground.telegram.parameters import Parameters
from adapters.playground.telegram.texts import message_text
from adapters.playground.telegram.world import World

_ACTIONS = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
]
_DRAFTS = 100
_DELETED_AT_ONCE = 100


async def send_message(world: World, parameters: Parameters) -> JsonObject:
    """Sends a text."""
    content = message_text(parameters)
    return post(world, target(world, parameters), parameters, [content])[0]


async def send_message_draft(world: World, parameters: Parameters) -> bool:
    """Shows a preview of a text that is being made; an empty one says that the bot thinks."""
    content = message_text(parameters, may_be_empty=True)
    draft_id = parameters.integer("draft_id")
    if draft_id == 0:
        raise bad_request("draft_id must be non-zero")
    to = target(world, parameters)
    if to.chat.kind != "private":
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    world.limits.charge_draft(to.chat.key)
    to.chat.drafts.pop(draft_id, None)
    to.chat.drafts[draft_id] = Draft(draft_id, content["text"], content.get("entities", []), time.monotonic())
    if len(to.chat.drafts) > _DRAFTS:
        del to.chat.drafts[next(iter(to.chat.drafts))]
    world.changes.announce()
    return True


async def send_chat_action(world: World, parameters: Parameters) -> bool:
    """Says what the bot is doing."""
    action = parameters.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    target(world, parameters).chat.acted = (action, time.monotonic())
    world.changes.announce()
    return True


async def delete_message(world: World, parameters: Parameters) -> bool:
    """Deletes a message of the bot, or of a person where the bot may."""
    chat = world.writable(parameters.text("chat_id"))
    message = world.message(chat, parameters.integer("message_id"), "message to delete not found")
    if not _may_delete(world, chat, message):
        raise bad_request("message can't be deleted")
    _delete(world, chat, [message["message_id"]])
    return True


async def delete_messages(world: World, parameters: Parameters) -> bool:
    """Deletes those of 1 to 100 messages that are there."""
    chat = world.writable(parameters.text("chat_id"))
    ids = [one for one in parameters.items("message_ids") if isinstance(one, int)]
    if not 1 <= len(ids) <= _DELETED_AT_ONCE:
        raise bad_request("message identifiers are not specified" if not ids else "too many messages to delete")
    _delete(world, chat, [one for one in ids if one in chat.messages and _may_delete(world, chat, chat.messages[one])])
    return True


def _may_delete(world: World, chat: Chat, message: JsonObject) -> bool:
    return is_from_bot(message, world.bot) or chat.kind == "private" or chat.bot_status == "administrator"


def _delete(world: World, chat: Chat, message_ids: list[int]) -> None:
    for message_id in message_ids:
        chat.messages.pop(message_id, None)
        chat.reactions.pop(message_id, None)
    world.changes.announce()
