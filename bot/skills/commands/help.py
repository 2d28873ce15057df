"""/help: what the bot can do, with every command that it offers."""

from __future__ import annotations

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import Publish
from bot.skills.commands import NAMES


class HelpSkill:
    """Introduces the bot by its name."""

    def __init__(self, phrases: Phrases, bot_name: str) -> None:
        self._phrases = phrases
        self._name = bot_name

    async def run(self, request: Request, publish: Publish) -> Draft:
        language = request.language
        commands = [f"/{name}: {self._phrases.text(f'command_{name}', language)}" for name in NAMES]
        words = "\n".join([self._phrases.text("help", language, name=self._name), *commands])
        return Draft(words, "command", 1.0, language)
