"""Questions: an answer that its citations prove, or the word that the bot does not know."""

from __future__ import annotations

from functools import partial

from bot.answers.answerer import Answer, Answerer, nothing_known
from bot.context import Acquainted
from bot.messages import Draft, Query, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Publish
from bot.skills.words import publish_words

DECLINES_COUNTED = 6
"""So many of the latest messages are looked at for declines in a row."""


class AnswerSkill:
    """Answers from the knowledge base; what it is not sure of goes to a person instead."""

    def __init__(
        self,
        answerer: Answerer,
        phrases: Phrases,
        offer_after_declines: int,
        acquaintance: Acquainted | None = None,
    ) -> None:
        """`acquaintance` None tells a model that words an answer nothing of who asks."""
        self._answerer = answerer
        self._phrases = phrases
        self._offer_after = offer_after_declines
        self._acquaintance = acquaintance

    async def run(self, request: Request, publish: Publish) -> Draft:
        known = partial(self._acquaintance.background, request) if self._acquaintance else nothing_known
        query = Query(request.text, request.history, request.language, request.turn.conversation.id)
        answer = await self._answerer.answer(query, known)
        if not answer.answered:
            return self._decline(request, answer)
        publish_words(answer.text, publish)
        return Draft(
            text=answer.text,
            route="answer",
            confidence=answer.confidence,
            language=request.language,
            citations=answer.citations,
            trace=answer.trace,
        )

    def _decline(self, request: Request, answer: Answer) -> Draft:
        """The choices come as quick replies, which every channel shows in its own way below the words."""
        words = self._phrases.text("decline", request.language)
        person: tuple[str, ...] = ()
        if _declines(request) + 1 >= self._offer_after:
            words += "\n" + self._phrases.text("offer_person", request.language)
            person = (self._phrases.text("person_button", request.language),)
        if answer.nearest:
            words += "\n" + self._phrases.text("nearest", request.language)
        return Draft(
            text=words,
            route="decline",
            confidence=answer.confidence,
            language=request.language,
            quick_replies=(*answer.nearest, *person),
            trace=answer.trace,
        )


def build(ingredients: Ingredients) -> AnswerSkill:
    offer_after = ingredients.settings.handoff.offer_after_declines
    return AnswerSkill(ingredients.answerer, ingredients.phrases, offer_after, ingredients.acquaintance)


def _declines(request: Request) -> int:
    """How many of the bot's latest replies in a row were declines."""
    count = 0
    for message in reversed(request.turn.history[-DECLINES_COUNTED:]):
        if message.role == "assistant":
            if message.route != "decline":
                break
            count += 1
    return count
