"""The bot itself: who it is, and its menu of commands."""

from __future__ import annotations

import json
import re
from typing import Any

from adapters.playground.telegram.errors import JsonObject, bad_request
from adapters.playground.telegram.parameters import Parameters
from adapters.playground.telegram.world import World

_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_DESCRIPTION_LENGTH = 256
_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


async def get_me(world: World, parameters: Parameters) -> JsonObject:
    """User of the bot, with what only getMe says."""
    return world.bot.shape() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": True,
        "has_main_web_app": False,
    }


async def log_out(world: World, parameters: Parameters) -> bool:
    """Accepted, without effect: there is no other server to go to."""
    return True


async def close(world: World, parameters: Parameters) -> bool:
    """Accepted, without effect: there is no other server to go to."""
    return True


async def set_my_commands(world: World, parameters: Parameters) -> bool:
    """Sets the menu of a scope and a language."""
    commands = [_command(given) for given in parameters.items("commands")]
    if len(commands) > _COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.commands[_place(parameters)] = commands
    world.changes.announce()
    return True


async def get_my_commands(world: World, parameters: Parameters) -> list[JsonObject]:
    """The menu of exactly this scope and language."""
    return world.commands.get(_place(parameters), [])


async def delete_my_commands(world: World, parameters: Parameters) -> bool:
    """Removes the menu of exactly this scope and language."""
    world.commands.pop(_place(parameters), None)
    return True


def _place(parameters: Parameters) -> tuple[str, str]:
    scope = parameters.mapping("scope") or {"type": "default"}
    needed = _SCOPES.get(str(scope.get("type")))
    if needed is None or not all(name in scope for name in needed):
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    language = parameters.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return json.dumps(scope, sort_keys=True), language


def _command(given: Any) -> JsonObject:
    if not isinstance(given, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(given.get("command", "")).removeprefix("/")
    description = str(given.get("description", "")).strip()
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _DESCRIPTION_LENGTH:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}
