"""What was only told, and not asked, is noted instead of declined."""

from __future__ import annotations

from bot.messages import Draft, NewFact, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Publish, Skill
from bot.skills import answer
from bot.skills.words import publish_words

ASKS = ("?", "？")
NEEDS_HELP = "problem"
"""Who tells of a problem wants more than to have it noted."""


class NotingSkill:
    """Leaves questions to `question`; where that knows nothing to say to a message that tells facts and asks nothing,
    the facts are confirmed, in a private conversation with their values."""

    def __init__(self, question: Skill, phrases: Phrases) -> None:
        self._question = question
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        draft = await self._question.run(request, publish)
        if draft.route != "decline" or not _only_tells(request):
            return draft
        what = ", ".join(self._named(fact, request) for fact in request.learned)
        words = self._phrases.text("noted", request.language, what=what)
        publish_words(words, publish)
        return Draft(words, "chat", 1.0, request.language, trace={**draft.trace, "noted": len(request.learned)})

    def _named(self, fact: NewFact, request: Request) -> str:
        kind = self._phrases.text(f"fact_{fact.kind}", request.language)
        is_plain = fact.kind != "language" and not request.turn.conversation.shared
        return f"{kind} “{fact.value}”" if is_plain else kind


def _only_tells(request: Request) -> bool:
    if not request.learned or any(sign in request.text for sign in ASKS):
        return False
    return all(fact.kind != NEEDS_HELP for fact in request.learned)


def build(ingredients: Ingredients) -> NotingSkill:
    return NotingSkill(answer.build(ingredients), ingredients.phrases)
