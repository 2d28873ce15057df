"""Small talk that knows with whom it talks: who has told a name is greeted by it, where nobody reads along."""

from __future__ import annotations

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Facts, Publish, Skill
from bot.skills import talk
from bot.skills.words import publish_words

LONGEST_NAME = 40


class GreetingSkill:
    """Greets by name who greets or tells a name, and leaves all other small talk to `talk`."""

    def __init__(self, talk: Skill, facts: Facts, phrases: Phrases) -> None:
        self._talk = talk
        self._facts = facts
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        told = next((fact.value for fact in request.learned if fact.kind == "name"), "")
        name = "" if request.turn.conversation.shared else told
        if request.kind == "greeting" and not request.turn.conversation.shared:
            name = name or await self._known_name(request)
        if not name or len(name) > LONGEST_NAME:
            return await self._talk.run(request, publish)
        key = "greeting_known" if told or request.history else "greeting_again"
        words = self._phrases.text(key, request.language, name=name)
        publish_words(words, publish)
        return Draft(words, "chat", 1.0, request.language, trace={"words_from": "phrases"})

    async def _known_name(self, request: Request) -> str:
        known = await self._facts.known(request.turn.conversation)
        return next((fact.value for fact in reversed(known) if fact.kind == "name"), "")


def build(ingredients: Ingredients) -> GreetingSkill:
    return GreetingSkill(talk.build(ingredients), ingredients.facts, ingredients.phrases)
