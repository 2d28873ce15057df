"""Conversations to remember, and what a person may be reminded of, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.messages import Claim, Conversation, Message, Request, Role, Route, Said, Summary, Turn

NOW = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)


def said(
    number: int,
    role: Role,
    text: str,
    *,
    days_ago: float = 1,
    conversation: str = "c_1",
    route: Route | None = None,
) -> Said:
    """A message; each is a minute after the one before it."""
    when = NOW - timedelta(days=days_ago) + timedelta(minutes=number)
    return Said(f"m_{conversation}_{number}", conversation, number, role, text, when, route)


def request(text: str, language: str = "en", history: Sequence[Message] = (), conversation: str = "c_9") -> Request:
    """A message of Ada's."""
    message = Message("m_now", 99, "user", text, NOW)
    place = Conversation(conversation, "web", conversation, "u_ada")
    return Request(Turn(Claim(conversation, "w", 1), place, (message,), tuple(history)), text, language)


class Remembered:
    """bot.protocols.Memories over given messages and summaries, whoever asks."""

    def __init__(self, messages: Sequence[Said] = (), summaries: Sequence[Summary] = ()) -> None:
        self.messages = list(messages)
        self.made = list(summaries)

    async def said(self, message_id: str, *, limit: int) -> Sequence[Said]:
        return self.messages[-limit:]

    async def summaries(self, message_id: str, *, limit: int) -> Sequence[Summary]:
        return self.made[-limit:]

    async def unsummarised(
        self, *, size: int, window: int, since: datetime | None = None, limit: int = 20
    ) -> Sequence[Sequence[Said]]:
        done = self.made[-1].number if self.made else 0
        stretch = self.messages[done : min(done + size, len(self.messages) - window)]
        return [stretch] if len(stretch) == size else []

    async def add_summary(self, stretch: Sequence[Said], text: str) -> bool:
        self.made.append(Summary(stretch[-1].conversation_id, stretch[-1].number, text, NOW))
        return True
