"""What channels and skills are, and what they are given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.messages import Delivery, Draft, Request, StreamEvent


class Texts(Protocol):
    """The fixed texts, by key and language."""

    def text(self, key: str, language: str, **values: str) -> str:
        """With `values` in its placeholders; in English where a language has no texts."""


class ChannelStatus(Protocol):
    """Where a channel says how its connection is, for /readyz and the log; each state is said once."""

    def connected(self) -> None:
        """Updates arrive from now on."""

    def lost(self, reason: str) -> None:
        """They do not, for a reason in words; the channel goes on trying by itself."""


class Streams(Protocol):
    """Words while they are made, by our conversation id; in this process, or carried between processes."""

    def publish(self, event: StreamEvent) -> None:
        """Never blocks and never fails; a slow subscriber loses deltas, not the `Finished`."""

    def subscribe(self, conversation_id: str) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """Events from now on."""


class Channel(Protocol):
    """An adapter: turns updates into `Incoming` and deliveries into what its platform wants."""

    name: str

    async def run(self) -> None:
        """Takes updates until cancelled. Raises ChannelError when the platform refuses the bot until somebody acts;
        after any error it is run again."""

    async def deliver(self, delivery: Delivery) -> str | None:
        """Sends; returns the platform's message id if it has one; raises RetryLater or Undeliverable."""


class Skill(Protocol):
    """One way to answer a turn, chosen by its intent."""

    async def run(self, request: Request, publish: Publish) -> Draft:
        """The reply; words that are already certain may be published on the way."""


class Publish(Protocol):
    """Sends words of the reply ahead of it."""

    def __call__(self, words: str, /) -> None: ...
