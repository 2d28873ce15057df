"""Where a conversation is in Telegram, and the ids by which the core knows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import Undeliverable

BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, and in it what tells this conversation from others.

    In groups each person has a conversation of their own (`user_id`), in each topic (`thread_id`) another.
    A business conversation is held in the name of the account behind `business_connection_id`.
    """

    chat_id: int
    thread_id: int | None = None
    user_id: int | None = None
    business_connection_id: str | None = None

    @property
    def is_group(self) -> bool:
        return self.user_id is not None

    @property
    def conversation(self) -> str:
        """The channel's id of the conversation."""
        if self.business_connection_id:
            return f"{BUSINESS}/{self.business_connection_id}/{self.chat_id}"
        if self.is_group:
            return f"{self.chat_id}/{self.thread_id or 0}/{self.user_id}"
        return str(self.chat_id)

    @property
    def chat(self) -> str:
        """The channel's id of all conversations that end when the chat is closed to the bot."""
        return self.conversation if self.business_connection_id else str(self.chat_id)

    def moved_to(self, chat_id: int) -> Place:
        """The same place in the supergroup that a group has become."""
        return replace(self, chat_id=chat_id)


@dataclass(frozen=True, slots=True)
class Origin:
    """The message that is answered; `thread_id` is its topic, which private chats may have too."""

    message_id: int | None = None
    thread_id: int | None = None

    def text(self) -> str:
        """The same text for the same message, so that an edited message names the one that it replaces."""
        values = {"message": self.message_id, "thread": self.thread_id}
        return json.dumps({key: value for key, value in values.items() if value is not None}, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Of the text that `text()` gave; an empty text is the origin of a message that answers none."""
        values: dict[str, Any] = json.loads(text) if text else {}
        return cls(values.get("message"), values.get("thread"))


NO_MESSAGE = Origin()
"""Of what answers no message in particular."""


def parse_place(conversation: str, origin: Origin) -> Place:
    """The place of a conversation id; raises Undeliverable for an id that this channel has never given."""
    try:
        if conversation.startswith(f"{BUSINESS}/"):
            _, connection, chat = conversation.split("/")
            return Place(int(chat), business_connection_id=connection)
        if "/" in conversation:
            chat, thread, user = conversation.split("/")
            return Place(int(chat), int(thread) or None, int(user))
        return Place(int(conversation), origin.thread_id)
    except ValueError:
        raise Undeliverable(f"{conversation!r} is not a conversation of Telegram.") from None
