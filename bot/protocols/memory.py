"""What was said before, for a bot that remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.messages import Said, Summary


class Memories(Protocol):
    """Earlier messages of a person and what they come to in short.

    Whoever writes a message is reminded of their own past alone: what they said in whatever conversation or channel,
    and what they were told in conversations of their own. Where others read along, it is that conversation alone; and
    what others said where many read is never told elsewhere.
    """

    async def said(self, message_id: str, *, limit: int) -> Sequence[Said]:
        """The latest messages, oldest first, of which the writer of the message may be reminded in answer to it.

        Commands and the replies to them are left out; nothing for a message that does not exist.
        """

    async def summaries(self, message_id: str, *, limit: int) -> Sequence[Summary]:
        """The latest summaries, oldest first, of which the writer may be reminded."""

    async def unsummarised(
        self, *, size: int, window: int, since: datetime | None = None, limit: int = 20
    ) -> Sequence[Sequence[Said]]:
        """The next `size` messages of each conversation that has so many without a summary before its last `window`;
        of at most `limit` conversations, with `since` only those that have changed after it."""

    async def add_summary(self, stretch: Sequence[Said], text: str) -> bool:
        """Stores the summary of a stretch, unless one of its messages is gone; whether it did."""
