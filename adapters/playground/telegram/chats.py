"""Users, chats and their messages, in the shapes of the Bot API."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from adapters.playground.telegram.errors import JsonObject

_ACTION_SECONDS = 5.0


@dataclass
class User:
    """A person or the bot; `started` once the person has written to the bot, `blocked` while they have blocked it."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    started: bool = False
    blocked: bool = False

    def shape(self) -> JsonObject:
        """User."""
        optional = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        known = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        return known | {name: value for name, value in optional.items() if value}


@dataclass
class Draft:
    """A preview that the bot shows while it makes a message; `time` by the server's monotonic clock."""

    draft_id: int
    text: str
    entities: list[JsonObject]
    time: float


@dataclass
class Chat:
    """A conversation with its messages in their present state, oldest first, at most `kept` of them."""

    id: int
    kind: str
    title: str = ""
    username: str = ""
    user: User | None = None
    is_forum: bool = False
    bot_status: str = "member"
    members: dict[int, User] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    migrated_to: int | None = None
    business_connection_id: str = ""
    kept: int = 1000
    messages: OrderedDict[int, JsonObject] = field(default_factory=OrderedDict)
    drafts: dict[int, Draft] = field(default_factory=dict)
    reactions: dict[int, dict[int, list[JsonObject]]] = field(default_factory=dict)
    """By message and user."""
    acted: tuple[str, float] = ("", 0.0)
    """What the bot was last said to be doing there, and when, by the server's monotonic clock."""
    last_message_id: int = 0

    @property
    def is_group(self) -> bool:
        """Whether it is a group of either kind."""
        return self.kind in ("group", "supergroup")

    @property
    def action(self) -> str:
        """What the bot is said to be doing there: a message ends it, and so do five seconds."""
        action, since = self.acted
        return action if time.monotonic() - since < _ACTION_SECONDS else ""

    @property
    def key(self) -> str:
        """What tells it from all others: a person's chat with a business is not their chat with the bot."""
        return f"{self.business_connection_id}/{self.id}" if self.business_connection_id else str(self.id)

    def shape(self) -> JsonObject:
        """Chat."""
        shape: JsonObject = {"id": self.id, "type": self.kind}
        if self.user:
            about = self.user.shape()
            return shape | {name: about[name] for name in ("first_name", "last_name", "username") if name in about}
        shape["title"] = self.title
        if self.username:
            shape["username"] = self.username
        if self.is_forum:
            shape["is_forum"] = True
        return shape

    def keep(self, message: JsonObject) -> JsonObject:
        """Adds a message; the oldest goes when there are too many."""
        self.messages[message["message_id"]] = message
        if len(self.messages) > self.kept:
            oldest, _ = self.messages.popitem(last=False)
            self.reactions.pop(oldest, None)
        return message


@dataclass
class Business:
    """A connection of a person's account to the bot; its chats are those of the person's customers, by their id."""

    id: str
    owner: User
    date: int
    can_reply: bool = True
    is_enabled: bool = True
    chats: dict[int, Chat] = field(default_factory=dict)

    def shape(self) -> JsonObject:
        """BusinessConnection."""
        return {
            "id": self.id,
            "user": self.owner.shape(),
            "user_chat_id": self.owner.id,
            "date": self.date,
            "rights": {"can_reply": True, "can_read_messages": True} if self.can_reply else {},
            "is_enabled": self.is_enabled,
        }


def is_from_bot(message: JsonObject, bot: User) -> bool:
    """Whether the bot has sent this message, for itself or for a business."""
    sender: dict[str, Any] = message.get("sender_business_bot") or message.get("from") or {}
    return sender.get("id") == bot.id


def without_reply(message: JsonObject) -> JsonObject:
    """The message as another one quotes it: replies do not nest."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}
