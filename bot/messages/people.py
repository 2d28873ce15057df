"""What is known of customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

FactKind = Literal["name", "language", "email", "phone", "address", "order", "product", "preference", "problem"]
"""What can be known of a customer: an order by its number, a product that they own, a problem that is still open."""


@dataclass(frozen=True, slots=True)
class NewFact:
    """Something that a customer has told of themselves: `quote` is what supports it, letter for letter, in the message.

    `replaces_kind` says that an earlier fact of the kind no longer holds (a name, a language).
    """

    kind: FactKind
    value: str
    message_id: str
    quote: str
    replaces_kind: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a customer, from which message. One that no longer holds has `ended_at`.

    `shared`: it was said where others read along.
    """

    id: str
    kind: FactKind
    value: str
    quote: str
    created_at: datetime
    message_id: str | None = None
    shared: bool = False
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A person as one channel knows them; `name` is a nickname, which proves nothing."""

    channel: str
    external_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is stored about a customer: the name that their channel told, and what they sent since when."""

    name: str | None
    messages: int
    since: datetime
