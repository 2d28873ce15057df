"""Everything that the server knows: the bot, the people, their chats, and what is under way. It lives in memory."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from adapters.playground.telegram.changes import Changes
from adapters.playground.telegram.chats import Business, Chat, User, is_from_bot, without_reply
from adapters.playground.telegram.errors import JsonObject, bad_request, forbidden, migrated
from adapters.playground.telegram.files import Files
from adapters.playground.telegram.limits import Limits
from adapters.playground.telegram.updates import Updates
from adapters.playground.telegram.webhook import Deliverer

_KEPT_CALLBACKS = 10_000


@dataclass
class World:
    """The state of one bot's platform; the methods of the Bot API and the people act on it."""

    bot: User
    changes: Changes
    updates: Updates
    deliverer: Deliverer
    files: Files
    limits: Limits
    privacy_mode: bool
    messages_kept: int
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    businesses: dict[str, Business] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[JsonObject]] = field(default_factory=dict)
    """By scope (as JSON) and language code."""
    callbacks: OrderedDict[str, JsonObject | None] = field(default_factory=OrderedDict)
    """The answer to each pressed button by its callback query's id; None while it has none."""
    ids_given: int = 0

    def next_id(self) -> int:
        """A number that was not given before."""
        self.ids_given += 1
        return self.ids_given

    def new_chat(self, chat: Chat) -> Chat:
        """Adds a chat."""
        chat.kept = self.messages_kept
        self.chats[chat.id] = chat
        return chat

    def private_chat(self, user: User) -> Chat:
        """The user's chat with the bot."""
        return self.chats.get(user.id) or self.new_chat(Chat(user.id, "private", user=user))

    def chat(self, chat_id: str) -> Chat:
        """The chat of an id or an @username. Raises ApiError 400, also for a group that has moved."""
        if not chat_id:
            raise bad_request("chat_id is empty")
        if chat_id.startswith("@"):
            found = [chat for chat in self.chats.values() if chat.username == chat_id[1:] and chat.is_group]
        else:
            found = [self.chats[int(chat_id)]] if _is_number(chat_id) and int(chat_id) in self.chats else []
        if not found:
            raise bad_request("chat not found")
        if found[0].migrated_to is not None:
            raise migrated(found[0].migrated_to)
        return found[0]

    def business(self, connection_id: str) -> Business:
        """The connection of this id. Raises ApiError 400."""
        business = self.businesses.get(connection_id)
        if business is None:
            raise bad_request("business connection not found")
        return business

    def writable(self, chat_id: str, connection_id: str = "") -> Chat:
        """The chat if the bot may write there now. Raises ApiError 400 or 403."""
        if connection_id:
            return self._business_chat(self.business(connection_id), chat_id)
        chat = self.chat(chat_id)
        if chat.user and chat.user.is_bot:
            raise forbidden("bot can't send messages to bots")
        if chat.user and chat.user.blocked:
            raise forbidden("bot was blocked by the user")
        if chat.user and not chat.user.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind} chat")
        if chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {chat.kind} chat")
        return chat

    def _business_chat(self, business: Business, chat_id: str) -> Chat:
        if not business.is_enabled or not business.can_reply:
            raise bad_request("BUSINESS_PEER_INVALID")
        chat = business.chats.get(int(chat_id)) if _is_number(chat_id) else None
        if chat is None:
            raise bad_request("BUSINESS_PEER_INVALID")
        return chat

    def message(self, chat: Chat, message_id: int, otherwise: str) -> JsonObject:
        """A message that is there. Raises ApiError 400 with the words of `otherwise`."""
        message = chat.messages.get(message_id)
        if message is None:
            raise bad_request(otherwise)
        return message

    def new_message(self, chat: Chat, sender: User, content: JsonObject) -> JsonObject:
        """Adds a message to a chat; numbers are the chat's own in a supergroup, the account's elsewhere."""
        if chat.kind == "supergroup":
            chat.last_message_id += 1
            message_id = chat.last_message_id
        else:
            message_id = self.next_id()
        message: JsonObject = {"message_id": message_id}
        if chat.business_connection_id:
            business = self.businesses[chat.business_connection_id]
            message["business_connection_id"] = business.id
            if sender is self.bot:
                sender, message["sender_business_bot"] = business.owner, self.bot.shape()
        message |= {"from": sender.shape(), "chat": chat.shape(), "date": int(time.time())}
        return chat.keep(message | content)

    def place(self, chat: Chat, topic: int, reply_to: int) -> JsonObject:
        """The fields of a message that say its topic and what it answers.

        In a topic, a message that answers none refers to the topic's first message, as on the platform.
        """
        fields: JsonObject = {}
        if topic:
            if topic not in chat.topics:
                raise bad_request("message thread not found")
            fields |= {"message_thread_id": topic, "is_topic_message": True}
        answered = reply_to or topic
        if answered in chat.messages:
            fields["reply_to_message"] = without_reply(chat.messages[answered])
        return fields

    def press(self, callback_id: str) -> None:
        """Remembers a callback query that waits for its answer; the oldest are forgotten."""
        self.callbacks[callback_id] = None
        if len(self.callbacks) > _KEPT_CALLBACKS:
            self.callbacks.popitem(last=False)

    def bot_messages(self, chat: Chat) -> list[JsonObject]:
        """What the bot has in a chat, in its present state, oldest first."""
        return [message for message in chat.messages.values() if is_from_bot(message, self.bot)]

    def charge(self, chat: Chat, count: int = 1) -> None:
        """Counts messages or edits against the limits. Raises ApiError 429 if they are enforced."""
        self.limits.charge(chat.key, group=chat.is_group, count=count)


def _is_number(value: Any) -> bool:
    return re.fullmatch(r"-?[0-9]{1,20}", str(value)) is not None
