"""Slash commands: the one that the customer sent, or help for what is none."""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages import Draft, Request
from bot.plugins import Ingredients
from bot.protocols import Publish, Skill
from bot.skills import answer, handoff, image
from bot.skills.commands.ask import AskSkill
from bot.skills.commands.fixed import FixedText
from bot.skills.commands.forget import EraseAtOnce, EraseByPerson, ForgetSkill
from bot.skills.commands.help import HelpSkill
from bot.skills.commands.language import LanguageSkill
from bot.skills.commands.link import LinkSkill, UnlinkSkill, WrongCodes
from bot.skills.commands.me import MeSkill
from bot.skills.commands.recommendations import RecommendationsSkill
from bot.skills.commands.why import WhySkill


class CommandSkill:
    """Each command is a skill of its own; `unknown` answers the others."""

    def __init__(self, commands: Mapping[str, Skill], unknown: Skill) -> None:
        self._commands = commands
        self._unknown = unknown

    async def run(self, request: Request, publish: Publish) -> Draft:
        return await self._commands.get(request.kind, self._unknown).run(request, publish)


def build(ingredients: Ingredients) -> CommandSkill:
    phrases, records, settings = ingredients.phrases, ingredients.records, ingredients.settings.bot
    facts, people = ingredients.facts, ingredients.people
    person = handoff.build(ingredients)
    languages = phrases.languages if settings.language == "auto" else (settings.language,)
    return CommandSkill(
        {
            "start": FixedText(phrases, "greeting", text=settings.greeting, name=settings.name),
            "help": HelpSkill(phrases, settings.name),
            "ask": AskSkill(answer.build(ingredients), phrases),
            "human": person,
            "image": image.build(ingredients),
            "language": LanguageSkill(phrases, languages),
            "me": MeSkill(records, facts, people, phrases),
            "forget": ForgetSkill(facts, _eraser(ingredients, person), phrases),
            "link": LinkSkill(people, phrases, WrongCodes()),
            "unlink": UnlinkSkill(people, phrases),
            "recommendations": RecommendationsSkill(people, phrases),
            "why": WhySkill(records, phrases),
        },
        unknown=FixedText(phrases, "unknown_command"),
    )


def _eraser(ingredients: Ingredients, person: Skill) -> Skill:
    if ingredients.eraser:
        return EraseAtOnce(ingredients.eraser, ingredients.phrases)
    return EraseByPerson(person, ingredients.phrases)
