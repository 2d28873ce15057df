"""How fast Telegram may be spoken to: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

One message a second to a chat, twenty a minute to a group, thirty a second over all. Edits have no published rate
and count as messages. Previews and typing are no messages: they have a pace of their own in a chat, so that the
final text never waits for one of them, and count over all. In a group at most half of the minute's messages are
edits of a preview; the other half stays for replies.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeVar

from telegram.error import RetryAfter

from adapters.pacing import Limit, Pacer
from adapters.telegram import failures
from adapters.telegram.place import Place
from bot.errors import RetryLater

Kind = Literal["message", "preview", "draft", "typing"]
Result = TypeVar("Result")

ALL = {"all": Limit(30, 1.0)}
CHAT = Limit(1, 1.0)
GROUP = Limit(20, 60.0)
GROUP_PREVIEWS = Limit(10, 60.0)
DRAFT = Limit(1, 1.0)
TYPING = Limit(1, 3.0)

MESSAGE_PATIENCE = 5.0
"""Seconds that a message waits for its turn here; who has to wait longer is better off in the outbox."""


class Pace:
    """Makes requests when they may be made; a 429 closes the chat for as long as Telegram says."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer

    async def message(self, place: Place, request: Callable[[], Awaitable[Result]]) -> Result:
        """Sends or edits for good. Raises RetryLater when the turn comes too late, and TelegramError."""
        return await self._call("message", place, request, MESSAGE_PATIENCE)

    async def courtesy(self, kind: Kind, place: Place, request: Callable[[], Awaitable[Result]]) -> Result:
        """What may be left out: raises RetryLater at once where it would have to wait."""
        return await self._call(kind, place, request, 0.0)

    async def _call(
        self, kind: Kind, place: Place, request: Callable[[], Awaitable[Result]], patience: float
    ) -> Result:
        async with self._pacer.slot(limits(kind, place), patience=patience):
            try:
                return await request()
            except RetryAfter as error:
                seconds = failures.seconds_of(error)
                self._close(place, seconds)
                raise RetryLater(f"Telegram asks to wait for {seconds:.0f} s.", seconds) from error

    def _close(self, place: Place, seconds: float) -> None:
        for kind in ("chat", "draft", "typing"):
            self._pacer.pause(f"{kind}:{place.chat_id}", seconds)


def limits(kind: Kind, place: Place) -> Mapping[str, Limit]:
    """The limits that a request keeps, the narrowest first."""
    chat = place.chat_id
    if kind == "draft":
        return {f"draft:{chat}": DRAFT, **ALL}
    if kind == "typing":
        return {f"typing:{chat}": TYPING, **ALL}
    if not place.is_group:
        return {f"chat:{chat}": CHAT, **ALL}
    previews = {f"previews:{chat}": GROUP_PREVIEWS} if kind == "preview" else {}
    return {f"chat:{chat}": CHAT, **previews, f"group:{chat}": GROUP, **ALL}
