"""Slash commands: /start, /help, /human."""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Publish, Skill
from bot.skills import handoff
from bot.skills.commands.help import HelpSkill

_TEXTS = {"start": "greeting"}


class CommandSkill:
    """Fixed texts for known commands, other skills for those in `skills`, and help for unknown ones."""

    def __init__(self, phrases: Phrases, *, bot_name: str, greeting: str = "", skills: Mapping[str, Skill]) -> None:
        self._phrases = phrases
        self._name = bot_name
        self._greeting = greeting
        self._skills = skills

    async def run(self, request: Request, publish: Publish) -> Draft:
        if skill := self._skills.get(request.kind):
            return await skill.run(request, publish)
        if request.kind == "start" and self._greeting:
            words = self._greeting
        else:
            key = _TEXTS.get(request.kind, "unknown_command")
            words = self._phrases.text(key, request.language, name=self._name)
        return Draft(words, "command", 1.0, request.language)


def build(ingredients: Ingredients) -> CommandSkill:
    settings = ingredients.settings.bot
    return CommandSkill(
        ingredients.phrases,
        bot_name=settings.name,
        greeting=settings.greeting,
        skills={
            "human": handoff.build(ingredients),
            "help": HelpSkill(ingredients.phrases, settings.name),
        },
    )
