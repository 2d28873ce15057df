"""The operators' side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from bot.messages import Operator, Overview, Reply, Thread

InboxFilter = Literal["waiting", "human", "all"]


class Desk(Protocol):
    """The operators' side of the conversations. What changes one checks its state in the same transaction:
    NotFound when there is no such conversation, Conflict when it is in another state by now.
    """

    async def inbox(self, filter: InboxFilter, *, before: str | None = None, limit: int = 50) -> Sequence[Overview]:
        """Those of a state, or all; the newest first, from behind the conversation id `before`."""

    async def counts(self) -> dict[InboxFilter, int]:
        """How many are `waiting` and `human`."""

    async def thread(self, conversation_id: str, *, before: int | None = None, limit: int = 100) -> Thread:
        """The newest messages, or those numbered below `before`; raises NotFound."""

    async def version(self, conversation_id: str | None = None) -> str:
        """Another text as soon as the conversation, or one that needs a person, has changed."""

    async def take(self, conversation_id: str) -> None:
        """A person has it from now on: the bot is silent, and a reply that it is making will not be stored."""

    async def say(self, conversation_id: str, text: str, key: str) -> Reply:
        """Stores an operator's message and its delivery; only while a person has the conversation.

        `key` is the message's own: the same one again returns the first reply and stores nothing.
        """

    async def hand_back(self, conversation_id: str) -> None:
        """The bot answers again, from the customer's next message on."""

    async def resolve(self, conversation_id: str) -> None:
        """Closes the conversation; the customer's next message opens it for the bot."""


class Operators(Protocol):
    """The accounts of the people behind the bot."""

    async def find(self, name: str) -> Operator | None:
        """None when there is no such account."""

    async def add_first(self, name: str, password_hash: str) -> bool:
        """Makes the account if there is none at all yet; whether it did."""

    async def set_password(self, name: str, password_hash: str) -> None:
        """Replaces the password, or makes the account."""


class Accounts(Protocol):
    """Who may use the console."""

    async def check(self, name: str, password: str) -> Operator | None:
        """The operator if the password is theirs; takes as long when the name is unknown."""

    async def find(self, name: str) -> Operator | None:
        """None when there is no such account."""
