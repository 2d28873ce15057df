"""/recommendations on or off: whether products may be recommended to the customer."""

from __future__ import annotations

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import People, Publish


class RecommendationsSkill:
    """Stores the wish; without `on` or `off` it says what holds."""

    def __init__(self, people: People, phrases: Phrases) -> None:
        self._people = people
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        customer, wish = request.turn.conversation.customer_id, request.argument.lower()
        if wish in ("on", "off"):
            await self._people.want_recommendations(customer, wish == "on")
            key = f"recommendations_{wish}"
        else:
            wants = await self._people.wants_recommendations(customer)
            key = "me_recommendations_on" if wants else "me_recommendations_off"
        return Draft(self._phrases.text(key, request.language), "command", 1.0, request.language)
