"""What is known of customers, and which accounts are one person's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from bot.messages import Account, Conversation, Fact, FactKind

SINGLE_VALUED: frozenset[FactKind] = frozenset({"name", "language", "email", "phone", "address"})
"""Of these a person has one: a newer fact takes the place of the earlier one."""

Linked = Literal["linked", "already", "same", "unknown"]
"""What became of a code: the accounts are one from now on; they were made one by this very code; the code is this
account's own; or no such code is open."""


class Facts(Protocol):
    """What customers have told of themselves. It is written with the replies (`Draft.learned`, `Draft.ended`)."""

    async def known(self, conversation: Conversation) -> Sequence[Fact]:
        """What holds now and may be used in this conversation, oldest first.

        Where others read along these are only the facts that were told in this very conversation.
        """

    async def told(self, customer_id: str) -> Sequence[Fact]:
        """Everything that a customer has told, also what no longer holds, oldest first; what they had forgotten
        is without words."""


class People(Protocol):
    """The accounts of one person on several channels, and what that person wishes."""

    async def accounts(self, customer_id: str) -> Sequence[Account]:
        """The accounts of a customer, oldest first."""

    async def link_code(self, conversation: Conversation) -> str:
        """A new code with which another account can be linked once; it takes the place of an earlier one."""

    async def link(self, conversation: Conversation, code: str) -> Linked:
        """Makes the customer of the conversation and the one who was given the code one person, with everything that
        is stored of both."""

    async def burn(self, code: str) -> None:
        """Makes a code useless, as when others have read it."""

    async def unlink(self, conversation: Conversation) -> bool:
        """Makes the account that wrote last in the conversation a person of its own again, with what came through
        it; False when the person has no other account."""

    async def wants_recommendations(self, customer_id: str) -> bool:
        """Whether products may be recommended to the customer."""

    async def want_recommendations(self, customer_id: str, wanted: bool) -> None:
        """Stores the wish; a repeated one changes nothing."""
