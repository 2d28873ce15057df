"""/forget: the wish to be forgotten goes to a person, who can fulfil it."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import Publish, Skill
from bot.skills.words import publish_words


class ForgetSkill:
    """Says that the bot cannot erase by itself, then hands over."""

    def __init__(self, handoff: Skill, phrases: Phrases) -> None:
        self._handoff = handoff
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        words = self._phrases.text("forget", request.language) + "\n"
        publish_words(words, publish)
        draft = await self._handoff.run(request, publish)
        return replace(draft, text=words + draft.text)
