"""The wish for a person: the conversation waits for one, and the customer is told when one comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.hours import OpeningHours
from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Facts, Publish
from bot.skills.words import publish_words

REPEATED = frozenset({"order", "problem"})
MOST_REPEATED = 3


class HandoffSkill:
    """Marks the conversation as waiting for an operator; `message` replaces the built-in words.

    In a private conversation it repeats what the customer has told of their orders and problems, for the operator to
    read, so that nobody asks for it again.
    """

    def __init__(
        self,
        phrases: Phrases,
        *,
        message: str = "",
        hours: OpeningHours,
        zone: ZoneInfo,
        facts: Facts | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._phrases = phrases
        self._message = message
        self._hours = hours
        self._zone = zone
        self._facts = facts
        self._clock = clock

    async def run(self, request: Request, publish: Publish) -> Draft:
        words = (self._message or self._words(request)) + await self._told(request)
        publish_words(words, publish)
        return Draft(words, "handoff", 1.0, request.language, state="waiting")

    async def _told(self, request: Request) -> str:
        conversation = request.turn.conversation
        if self._facts is None or conversation.shared or conversation.state == "waiting":
            return ""
        known = [fact for fact in await self._facts.known(conversation) if fact.kind in REPEATED][-MOST_REPEATED:]
        if not known:
            return ""
        labels = [f"{self._phrases.text(f'fact_{fact.kind}', request.language)} “{fact.value}”" for fact in known]
        return "\n" + self._phrases.text("handoff_known", request.language, facts=", ".join(labels))

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
        facts=ingredients.facts,
    )
