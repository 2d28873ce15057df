"""Small talk: a natural reply, and never a fact.

The language model says a few things, a fixed phrase stands beside them; what is checked to state nothing, and is
made likeliest by the conversation, is said. The measure is the mutual information of Li et al., "A
Diversity-Promoting Objective Function for Neural Conversation Models" (2016), per token: a reply that fits
everything fits nothing in particular.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any

import regex
import structlog

from bot import context
from bot.context import Acquainted, Background, Context
from bot.errors import ParleyError
from bot.messages import Draft, Prompt, Request, Utterance
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.promotion.manners import Manners
from bot.promotion.registry import Registry
from bot.protocols import Publish, TextEngine
from bot.routing.small_talk import is_factless
from bot.skills.words import publish_words

log = structlog.get_logger()

SAYINGS = 3
MOST_TALKING = 2
"""So many small talks have the model at once; more get the fixed phrase at once instead of waiting in line."""
MOST_SENTENCES = 2
REPLY_TOKENS = 32
TURNS_SEEN = 4
"""Small talk refers to little; a short prompt is answered sooner."""
TEMPERATURE = 0.5
SPECIFIC, IN_ITS_MANNER = 1.0, 0.5
"""How much a reply's likelihood anywhere counts against it: all of it, or, where an operator has tuned the model,
half, since what the model habitually says is then wanted."""
_SENTENCE = regex.compile(r"\s*.+?[.!?…]+[\"')\]]*(?=\s|$)", regex.DOTALL)

Factless = Callable[[str, str], bool]
"""Whether a sentence (in a language) states nothing that could be wrong."""


class TalkSkill:
    """Chooses between what the model says, where it knows the language, and a fixed phrase."""

    def __init__(
        self,
        engine: TextEngine,
        phrases: Phrases,
        *,
        persona: str,
        is_factless: Factless,
        manners: Manners,
        seconds: float,
        acquaintance: Acquainted | None = None,
    ) -> None:
        """`acquaintance` None tells the model nothing but the conversation."""
        self._engine = engine
        self._phrases = phrases
        self._persona = persona
        self._is_factless = is_factless
        self._manners = manners
        self._seconds = seconds
        self._acquaintance = acquaintance
        self._talking = 0

    async def run(self, request: Request, publish: Publish) -> Draft:
        phrase = self._phrases.small_talk(request.kind, request.language, request.text)
        scores = {phrase: 0.0}
        trace: dict[str, Any] = {}
        if request.language in self._manners.languages(self._engine.name) and self._talking < MOST_TALKING:
            self._talking += 1
            try:
                background = await self._acquaintance.background(request) if self._acquaintance else Background()
                told = self._context(request, background)
                scores = await self._scored(told.prompt, request, phrase)
                trace = {"prompt": told.trace(background)}
            except ParleyError as error:
                log.warning("small talk without the model", reason=str(error))
            finally:
                self._talking -= 1
        words = max(scores, key=lambda saying: scores[saying])
        publish_words(words, publish)
        source = "phrases" if words == phrase else self._engine.name
        rounded = {saying: round(score, 3) for saying, score in scores.items()}
        trace |= {"words_from": source, "candidates": rounded}
        return Draft(words, "chat", 1.0, request.language, trace=trace)

    def _context(self, request: Request, background: Background) -> Context:
        turns = (*request.history[-TURNS_SEEN:], Utterance("user", request.text))
        budget = self._engine.context_tokens - REPLY_TOKENS
        return context.build(
            persona=self._persona, turns=turns, background=background, count=self._engine.count, budget=budget
        )

    async def _scored(self, prompt: Prompt, request: Request, phrase: str) -> dict[str, float]:
        """Each candidate with how much likelier, in nats per token, the conversation makes it.

        For an operator's own model part of its likelihood stays, so that its manner is preferred to the fixed phrase's.
        """
        sayings = await asyncio.gather(*(self._say(prompt, seed, request) for seed in range(SAYINGS)))
        candidates = [phrase, *dict.fromkeys(filter(None, (self._sayable(text, request.language) for text in sayings)))]
        if len(candidates) == 1:
            return {phrase: 0.0}
        here = await self._likelihoods(prompt, candidates)
        anywhere = await self._likelihoods(Prompt(persona=self._persona), candidates)
        weight = IN_ITS_MANNER if self._manners.is_own(self._engine.name) else SPECIFIC
        return {text: said - weight * bare for text, said, bare in zip(candidates, here, anywhere, strict=True)}

    async def _say(self, prompt: Prompt, seed: int, request: Request) -> str:
        stream = self._engine.stream(
            prompt,
            max_new_tokens=REPLY_TOKENS,
            temperature=TEMPERATURE,
            seed=seed,
            timeout=self._seconds,
            conversation=request.turn.conversation.id,
        )
        async with aclosing(stream) as pieces:
            return "".join([piece async for piece in pieces])

    async def _likelihoods(self, prompt: Prompt, candidates: Sequence[str]) -> Sequence[float]:
        return await self._engine.score([prompt] * len(candidates), candidates, "assistant")

    def _sayable(self, text: str, language: str) -> str:
        """Its first whole sentences, up to one that states something."""
        kept: list[str] = []
        for sentence in _SENTENCE.findall(text)[:MOST_SENTENCES]:
            if not self._is_factless(sentence, language):
                break
            kept.append(sentence)
        return "".join(kept).strip()


def build(ingredients: Ingredients) -> TalkSkill:
    settings = ingredients.settings
    manners = Manners(Registry(settings.folder), ingredients.phrases.languages)
    said_of_itself = {settings.bot.name, ingredients.persona}

    def factless(sentence: str, language: str) -> bool:
        """What the operator has written of the bot, and for it to say, is no claim of the model's."""
        return is_factless(sentence, language, said_of_itself | manners.openers(ingredients.engine.name))

    return TalkSkill(
        ingredients.engine,
        ingredients.phrases,
        persona=ingredients.persona,
        is_factless=factless,
        manners=manners,
        seconds=settings.text.timeout_seconds,
        acquaintance=ingredients.acquaintance,
    )
