"""The way of a message through storage, and what it leaves there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.messages import (
    Accepted,
    Claim,
    Delivery,
    Draft,
    Explanation,
    Incoming,
    Message,
    Opening,
    Profile,
    Reply,
    StoredFile,
    Turn,
)


class Inbox(Protocol):
    """The way in. When `accept` returns, the message is on disk and will be answered."""

    async def accept(self, incoming: Incoming) -> Accepted:
        """Stores the message once; raises Busy when the queue is full, StorageError when it cannot be stored."""

    async def reply_to(self, message_id: str) -> Reply | None:
        """The stored reply to a message, None while there is none."""


class Turns(Protocol):
    """The work to do, for workers of any process."""

    async def claim(self, owner: str) -> Turn | None:
        """Takes a conversation with settled unhandled messages under a lease; None when there is none."""

    async def renew(self, claim: Claim) -> None:
        """Moves the end of the lease; raises LeaseLost."""

    async def commit(self, turn: Turn, draft: Draft) -> Reply:
        """Reply, trace, handled marks and outbox row in one transaction; raises LeaseLost and then wrote nothing."""

    async def release(self, claim: Claim) -> None:
        """Gives the conversation back unanswered, for another worker to take."""

    async def wait(self, timeout: float) -> None:
        """Returns when there may be work, at the latest after `timeout` seconds."""


class Outbox(Protocol):
    """Replies on their way out."""

    async def due(self, channel: str, limit: int) -> Sequence[Delivery]:
        """Takes deliveries that are due; those of one conversation come in their order, one at a time."""

    async def sent(self, delivery: Delivery, platform_id: str | None) -> None:
        """Records that the platform has it."""

    async def retry(self, delivery: Delivery, at: datetime, error: str) -> None:
        """Schedules the next try."""

    async def park(self, delivery: Delivery, reason: str) -> None:
        """Gives up for good; the reason is shown by `parley doctor`."""

    async def wait(self, channel: str, timeout: float) -> None:
        """Returns when something may be due, at the latest after `timeout` seconds."""


class History(Protocol):
    """What was said, for those who may read it."""

    async def messages(
        self, channel: str, conversation: str, *, user: str | None = None, after: int = 0, limit: int = 100
    ) -> Sequence[Message]:
        """Messages numbered above `after`, oldest first, of the channel's conversation.

        With `user` the conversation must belong to that platform user, otherwise NotFound is raised;
        a conversation that does not exist yet has no messages.
        """

    async def reply(self, channel: str, conversation: str, message_id: str) -> Reply:
        """A reply of the channel's conversation by our id; raises NotFound."""

    async def reply_sent_as(self, channel: str, conversation: str, platform_id: str) -> Reply:
        """The reply of the channel's conversation of which the platform's message is a part; raises NotFound."""

    async def last_received(self, channel: str, limit: int = 500) -> Mapping[str, str]:
        """The external id of the newest message that each of the channel's conversations has received; those with
        the latest messages first, at most `limit` of them."""

    async def rate(self, message_id: str, user: str, channel: str, score: int, comment: str = "") -> None:
        """Thumbs up (+1) or down (-1) under a reply; raises NotFound when it is not a reply to this user."""


class Records(Protocol):
    """What is stored about customers and replies, for the customers themselves."""

    async def explanation(self, message_id: str) -> Explanation:
        """Why a reply of the bot is as it is; raises NotFound."""

    async def profile(self, conversation_id: str) -> Profile:
        """What is stored about the customer of our conversation; raises NotFound."""


class Progress(Protocol):
    """What a platform shows of a reply already, so that a restart goes on with it instead of beginning anew."""

    async def opening(self, conversation_id: str) -> Opening:
        """Asked before the next reply of our conversation is shown."""

    async def opened(self, conversation_id: str, platform_id: str, message_id: str | None = None) -> None:
        """The next reply of our conversation is being shown in this message; its delivery will be told.

        With `message_id` it is the reply to that message of ours, however late this is said.
        """

    async def sent_part(self, delivery: Delivery, platform_id: str) -> None:
        """The next part of the delivery has been sent for good; the last one is what `Outbox.sent` records."""


class Places(Protocol):
    """Where conversations are, when a platform moves or closes them. Ids are the channel's, and mean the
    conversation itself and all below it (`ID/…`)."""

    async def moved(self, channel: str, old: str, new: str) -> None:
        """The conversations have another id from now on, also for what is on its way to them."""

    async def unreachable(self, channel: str, conversation: str, reason: str) -> None:
        """The customer has blocked the bot, or the place is gone: what is due there is parked, and the conversation
        is marked until the customer writes again."""


class Files(Protocol):
    """Files of conversations, kept beside the database."""

    async def save(self, content: bytes, *, mime: str, name: str) -> str:
        """The url (`file:ID`) under which an attachment names it; raises StorageError when the disk refuses."""

    async def load(self, url: str) -> StoredFile:
        """Raises NotFound."""
