"""Commands that are answered by a fixed text: /start, /image, and those that nobody knows."""

from __future__ import annotations

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import Publish


class FixedText:
    """The phrase of a key with `values` in its placeholders, or the operators' own `text`."""

    def __init__(self, phrases: Phrases, key: str, *, text: str = "", **values: str) -> None:
        self._phrases = phrases
        self._key = key
        self._text = text
        self._values = values

    async def run(self, request: Request, publish: Publish) -> Draft:
        words = self._text or self._phrases.text(self._key, request.language, **self._values)
        return Draft(words, "command", 1.0, request.language)
