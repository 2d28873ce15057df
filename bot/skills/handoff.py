"""The wish for a person: the conversation waits for one, and the customer is told when one comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.hours import OpeningHours
from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Publish
from bot.skills.words import publish_words


class HandoffSkill:
    """Marks the conversation as waiting for an operator; `message` replaces the built-in words."""

    def __init__(
        self,
        phrases: Phrases,
        *,
        message: str = "",
        hours: OpeningHours,
        zone: ZoneInfo,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._phrases = phrases
        self._message = message
        self._hours = hours
        self._zone = zone
        self._clock = clock

    async def run(self, request: Request, publish: Publish) -> Draft:
        words = self._message or self._words(request)
        publish_words(words, publish)
        return Draft(words, "handoff", 1.0, request.language, state="waiting")

    def _words(self, request: Request) -> str:
        if request.turn.conversation.state == "waiting":
            return self._phrases.text("still_waiting", request.language)
        opens = self._hours.next_opening(self._clock().astimezone(self._zone))
        if opens is None:
            return self._phrases.text("handoff", request.language)
        when = f"{opens:%Y-%m-%d %H:%M} ({self._zone.key})"
        return self._phrases.text("handoff_closed", request.language, when=when)


def build(ingredients: Ingredients) -> HandoffSkill:
    handoff = ingredients.settings.handoff
    return HandoffSkill(
        ingredients.phrases,
        message=handoff.message,
        hours=OpeningHours.parse(handoff.hours),
        zone=ZoneInfo(handoff.timezone),
    )
