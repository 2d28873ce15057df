"""/language XX: the language that is spoken from now on, whatever the customer writes in."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import Publish

AUTOMATIC = "auto"


class LanguageSkill:
    """Takes one of `languages` by its code (`de`, `de-AT`) or its own name (`Deutsch`), or `auto`."""

    def __init__(self, phrases: Phrases, languages: Sequence[str]) -> None:
        self._phrases = phrases
        self._languages = languages

    async def run(self, request: Request, publish: Publish) -> Draft:
        wish = request.argument.casefold()
        if wish == AUTOMATIC:
            return self._draft("language_auto", request.language, chosen="")
        if language := self._recognised(wish):
            return self._draft("language_set", language, chosen=language)
        return self._draft("language_unknown" if wish else "language_choice", request.language)

    def _recognised(self, wish: str) -> str | None:
        code = wish.replace("_", "-").split("-")[0]
        return next((each for each in self._languages if code == each or wish == self._name(each).casefold()), None)

    def _name(self, language: str) -> str:
        return self._phrases.text("language_name", language)

    def _draft(self, key: str, language: str, chosen: str | None = None) -> Draft:
        offered = ", ".join(f"{each} ({self._name(each)})" for each in self._languages)
        words = self._phrases.text(key, language, languages=offered)
        return Draft(words, "command", 1.0, language, chosen_language=chosen)
