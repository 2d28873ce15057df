"""The wish for a person: the conversation waits for one, and the customer is told."""

from __future__ import annotations

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Publish
from bot.skills.words import publish_words


class HandoffSkill:
    """Marks the conversation as waiting for an operator; `message` replaces the built-in words."""

    def __init__(self, phrases: Phrases, message: str = "") -> None:
        self._phrases = phrases
        self._message = message

    async def run(self, request: Request, publish: Publish) -> Draft:
        key = "still_waiting" if request.turn.conversation.state == "waiting" else "handoff"
        words = self._message or self._phrases.text(key, request.language)
        publish_words(words, publish)
        return Draft(words, "handoff", 1.0, request.language, state="waiting")


def build(ingredients: Ingredients) -> HandoffSkill:
    return HandoffSkill(ingredients.phrases, ingredients.settings.handoff.message)
