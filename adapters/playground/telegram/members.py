"""Membership of the bot and of people, and the updates that tell of its changes."""

from __future__ import annotations

import time

from adapters.playground.telegram.chats import Chat, User
from adapters.playground.telegram.errors import JsonObject
from adapters.playground.telegram.world import World

_RIGHTS = [
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
]


def membership(user: User, status: str) -> JsonObject:
    """ChatMember."""
    member: JsonObject = {"user": user.shape(), "status": status}
    if status == "kicked":
        return member | {"until_date": 0}
    if status == "administrator":
        return member | {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(_RIGHTS, True)
    return member


def change_bot(world: World, chat: Chat, actor: User, status: str) -> JsonObject | None:
    """Changes the bot's place in a chat; the `my_chat_member` update of it."""
    before = "kicked" if chat.user and chat.user.blocked else chat.bot_status
    if chat.user:
        chat.user.blocked = status == "kicked"
    else:
        chat.bot_status = status
    change = {
        "chat": chat.shape(),
        "from": actor.shape(),
        "date": int(time.time()),
        "old_chat_member": membership(world.bot, before),
        "new_chat_member": membership(world.bot, status),
    }
    return world.updates.push("my_chat_member", change)
