"""/ask TEXT: a question, whatever it may look like."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import Publish, Skill


class AskSkill:
    """Hands the words behind the command to the skill that answers questions."""

    def __init__(self, question: Skill, phrases: Phrases) -> None:
        self._question = question
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        if not request.argument:
            words = self._phrases.text("ask_empty", request.language)
            return Draft(words, "command", 1.0, request.language)
        return await self._question.run(replace(request, text=request.argument), publish)
