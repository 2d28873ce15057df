"""What operators see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.messages.conversations import Conversation, Message


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who answers customers; `password_hash` is argon2's own text form."""

    id: str
    name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A conversation as a line of the operators' inbox; `customer` is the name that the channel told, if any,
    and `last` the latest words of the customer or an operator.

    `waiting_since` is when the customer began to wait for a person, None when nobody is owed a word;
    `unread` counts the customer's messages since then. `unreachable_since` is when the platform said that
    nothing can be sent there, as when the customer has blocked the bot; None while the customer can be reached.
    """

    conversation: Conversation
    customer: str | None
    updated_at: datetime
    last: Message | None = None
    waiting_since: datetime | None = None
    unread: int = 0
    unreachable_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as an operator reads it: its newest messages, oldest first."""

    overview: Overview
    messages: tuple[Message, ...]
    has_earlier: bool = False
