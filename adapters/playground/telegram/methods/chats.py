"""Chats and their members, reactions, pressed buttons and business connections."""

from __future__ import annotations

from typing import Any

from telegram.constants import ReactionEmoji

from adapters.playground.telegram.chats import Chat
from adapters.playground.telegram.errors import JsonObject, bad_request
from adapters.playground.telegram.members import membership
from adapters.playground.telegram.parameters import Parameters
from adapters.playground.telegram.world import World

_ANSWER_LENGTH = 200
_EMOJI = frozenset(str(emoji) for emoji in ReactionEmoji)


async def get_chat(world: World, parameters: Parameters) -> JsonObject:
    """ChatFullInfo."""
    chat = world.chat(parameters.text("chat_id"))
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return chat.shape() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


async def get_chat_member(world: World, parameters: Parameters) -> JsonObject:
    """ChatMember."""
    chat, user_id = world.chat(parameters.text("chat_id")), parameters.integer("user_id")
    user = world.bot if user_id == world.bot.id else world.users.get(user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if user is world.bot:
        return membership(user, chat.bot_status)
    return membership(user, "member" if user.id in _people_in(chat) else "left")


async def get_chat_member_count(world: World, parameters: Parameters) -> int:
    """How many are in the chat, the bot too."""
    return len(_people_in(world.chat(parameters.text("chat_id")))) + 1


async def leave_chat(world: World, parameters: Parameters) -> bool:
    """The bot leaves a group."""
    chat = world.writable(parameters.text("chat_id"))
    if not chat.is_group:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    return True


async def set_message_reaction(world: World, parameters: Parameters) -> bool:
    """Sets the bot's one reaction to a message, or takes it away."""
    chat = world.writable(parameters.text("chat_id"))
    message = world.message(chat, parameters.integer("message_id"), "message to react not found")
    reactions = parameters.items("reaction")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    given = chat.reactions.setdefault(message["message_id"], {})
    given[world.bot.id] = [_reaction(one) for one in reactions]
    world.changes.announce()
    return True


async def answer_callback_query(world: World, parameters: Parameters) -> bool:
    """Ends the waiting of the person who has pressed a button."""
    callback_id = parameters.text("callback_query_id")
    if callback_id not in world.callbacks:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(parameters.text("text")) > _ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    world.callbacks[callback_id] = {
        "text": parameters.text("text"),
        "show_alert": parameters.flag("show_alert"),
        "url": parameters.text("url"),
    }
    world.changes.announce()
    return True


async def get_business_connection(world: World, parameters: Parameters) -> JsonObject:
    """BusinessConnection."""
    return world.business(parameters.text("business_connection_id")).shape()


def _reaction(given: Any) -> JsonObject:
    emoji = given.get("emoji") if isinstance(given, dict) and given.get("type") == "emoji" else None
    if emoji not in _EMOJI:
        raise bad_request("REACTION_INVALID")
    return {"type": "emoji", "emoji": emoji}


def _people_in(chat: Chat) -> set[int]:
    return {chat.user.id} if chat.user else set(chat.members)
