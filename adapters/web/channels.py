"""The channels that the web server serves, as the core sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.messages import Delivery


class ServerChannel:
    """A channel whose clients come and fetch: a reply is delivered as soon as it can be read."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def run(self) -> None:
        """Messages come through the web server; there is nothing to fetch."""
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> str | None:
        """Done at once: the reply is in the history, under the message's id."""
        return None


class WidgetChannel(ServerChannel):
    """The widget: its open sockets are told that the conversation has something new."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        super().__init__("web")
        self._changed = changed

    async def deliver(self, delivery: Delivery) -> str | None:
        """Wakes the sockets of the conversation; one that is not connected reads the history when it is back."""
        self._changed(delivery.target)
        return None
