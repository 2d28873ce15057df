"""What is stored about people as a whole: shown, exported, erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with the accounts (channel, platform id, name) and conversations (our ids) that are theirs."""

    customer_id: str
    accounts: tuple[tuple[str, str, str | None], ...]
    conversations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed from the database: rows by table, the conversations, and the digests of contents of files that
    nobody else uses."""

    rows: Mapping[str, int]
    conversations: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A signed report of an erasure; `content` has no word of the person's."""

    id: str
    content: Mapping[str, Any]
    signature: str
    created_at: datetime


class PersonalData(Protocol):
    """Everything that is stored about a person."""

    async def find(self, user: str) -> Sequence[Person]:
        """Whom `channel:platform id`, a platform id alone, our customer id or a conversation's id may mean."""

    async def export(self, customer_id: str) -> dict[str, Any]:
        """Everything about the person as JSON values; raises NotFound."""

    async def erase(self, customer_id: str, *, sparing: str | None = None) -> Removal:
        """Removes everything about the person in one transaction; raises NotFound.

        Of the conversation `sparing` the messages that are still to be answered stay, and the account that wrote them
        without its name, so that the reply to the wish to be erased arrives.
        """

    async def places(self, customer_id: str) -> Removal:
        """The conversations and messages that an erasure would remove, by their ids; raises NotFound."""

    async def expire(self, before: datetime) -> int:
        """Removes conversations in which nothing has happened since; returns how many."""

    async def sweep(self) -> int:
        """Removes files that nothing names; returns how many."""

    async def reports(self, since: datetime) -> Sequence[Report]:
        """Those made after a time, oldest first."""

    async def is_delivered(self, conversation_id: str) -> bool:
        """Whether a spared conversation exists whose reply has arrived, and to which nobody has added a word since."""

    async def keep_report(self, report: Report) -> None:
        """Stores a report."""

    async def compact(self) -> bool:
        """Writes the database's files anew, without what was removed; False when others keep it from that now."""

    async def empty_log(self) -> bool:
        """Takes what was removed out of the database's log alone; False when that is not possible now."""


@runtime_checkable
class Forgetful(Protocol):
    """A part of a running process that remembers something of people."""

    async def forget(self, customer_id: str) -> None:
        """Remembers nothing of the customer any more; does nothing for one that it does not know."""


class Eraser(Protocol):
    """Erases people, for commands of operators and of the people themselves."""

    async def erase(self, customer_id: str, *, sparing: str | None = None) -> Report:
        """Removes everything about the person everywhere, and says what was removed where; raises NotFound.

        A person who asks for it in a conversation is answered there: `sparing` is its id, and the rest of it is removed
        when the reply has been delivered.
        """
