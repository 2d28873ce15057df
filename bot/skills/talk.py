"""Small talk: a natural reply from the language model, and never a fact."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing

import regex
import structlog

from bot import context
from bot.errors import ParleyError
from bot.messages import Draft, Prompt, Request, Utterance
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Publish, TextEngine
from bot.routing.small_talk import is_factless
from bot.skills.words import publish_words

log = structlog.get_logger()

MAX_SENTENCES = 2
REPLY_TOKENS = 48
_SENTENCE = regex.compile(r".+?[.!?…]+[\"')\]]*(?=\s|\Z)", regex.DOTALL)
# While words still come, a sentence has ended only when white space follows: `\0` keeps the end from counting.

MODEL_LANGUAGES = frozenset({"en"})
"""Languages that the built-in model was trained on; other models are trusted with every language."""

Factless = Callable[[str, str], bool]
"""Whether a sentence (in a language) states nothing that could be wrong."""


class TalkSkill:
    """Lets the model speak where it knows the language; each sentence is checked before it is shown."""

    def __init__(
        self,
        engine: TextEngine | None,
        phrases: Phrases,
        *,
        persona: str,
        is_factless: Factless,
        languages: Collection[str],
        seconds: float,
    ) -> None:
        self._engine = engine
        self._phrases = phrases
        self._persona = persona
        self._is_factless = is_factless
        self._languages = languages
        self._seconds = seconds

    async def run(self, request: Request, publish: Publish) -> Draft:
        words, source = "", "phrases"
        if self._engine is not None and request.language in self._languages:
            words = await self._said_by_model(self._engine, request, publish)
            source = self._engine.name
        if not words:
            words, source = self._phrases.small_talk(request.kind, request.language, request.text), "phrases"
            publish_words(words, publish)
        return Draft(words, "chat", 1.0, request.language, trace={"words_from": source})

    async def _said_by_model(self, engine: TextEngine, request: Request, publish: Publish) -> str:
        """Up to two checked sentences; empty when the model has nothing that may be said."""
        said: list[str] = []
        try:
            async with aclosing(_sentences(self._stream(engine, request))) as sentences:
                async for sentence in sentences:
                    if not self._is_factless(sentence, request.language):
                        break
                    said.append(sentence)
                    publish_words(sentence if len(said) > 1 else sentence.lstrip(), publish)
                    if len(said) == MAX_SENTENCES:
                        break
        except ParleyError as error:
            log.warning("small talk without the model", reason=str(error))
        return "".join(said).lstrip()

    def _stream(self, engine: TextEngine, request: Request) -> AsyncGenerator[str]:
        return engine.stream(self._prompt(engine, request), max_new_tokens=REPLY_TOKENS, timeout=self._seconds)

    def _prompt(self, engine: TextEngine, request: Request) -> Prompt:
        turns = (*request.history, Utterance("user", request.text))
        budget = engine.context_tokens - REPLY_TOKENS
        return context.build(persona=self._persona, turns=turns, count=engine.count, budget=budget)


async def _sentences(pieces: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """Whole sentences, each with the white space before it; an unfinished last one is left out."""
    pending = ""
    async with aclosing(pieces):
        async for piece in pieces:
            pending += piece
            while match := _SENTENCE.match(pending + "\0"):
                yield match.group()
                pending = pending[match.end() :]
    if match := _SENTENCE.match(pending):
        yield match.group()


def build(ingredients: Ingredients) -> TalkSkill:
    settings = ingredients.settings
    builtin = settings.text.backend == "local" and settings.text.model == "builtin"
    return TalkSkill(
        ingredients.engine,
        ingredients.phrases,
        persona=ingredients.persona,
        is_factless=lambda sentence, language: is_factless(sentence, language, {settings.bot.name}),
        languages=MODEL_LANGUAGES if builtin else ingredients.phrases.languages,
        seconds=settings.text.timeout_seconds,
    )
