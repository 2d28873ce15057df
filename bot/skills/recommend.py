"""Which product would suit me? A few from the catalogue, each with the reason; never one that is not in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import regex

from bot.messages import Account, Draft, Fact, NewFact, Request
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Facts, People, Publish, Skill
from bot.recommending.recommender import Recommendation, Recommender, Taste
from bot.skills import answer
from bot.skills.words import publish_words

COUNT = 3
TRUSTED_CHANNELS = frozenset({"api", "openai"})
"""Their clients name their users themselves, so that the user's id is proof of who it is."""
BECAUSE = {"bought": "product", "said": "said"}
"""What the phrase of a reason calls the thing that speaks for a product."""
_AVERSION = regex.compile(
    r"(?i)^(?:don['’]t|do not|never|hate|dislike|avoid|cannot stand|can['’]t stand|allergic to)|^[不讨]|过敏$"
)


class RecommendSkill:
    """Recommends by what the customer asks, has told and bought. Without a catalogue, or where it has nothing that
    fits, the documents are asked."""

    def __init__(
        self, recommender: Recommender | None, question: Skill, facts: Facts, people: People, phrases: Phrases
    ) -> None:
        self._recommender = recommender
        self._question = question
        self._facts = facts
        self._people = people
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        if self._recommender is None:
            return await self._question.run(request, publish)
        if not await self._people.wants_recommendations(request.turn.conversation.customer_id):
            words = self._phrases.text("recommendations_are_off", request.language)
            return Draft(words, "chat", 1.0, request.language)
        taste = await self._taste(request, self._recommender)
        found = await asyncio.to_thread(self._recommender.recommend, taste, COUNT)
        if not found:
            return await self._question.run(request, publish)
        words = self._words(found, request.language)
        publish_words(words, publish)
        trace = {"recommended": [{"product": each.product.id, "reason": each.reason} for each in found]}
        return Draft(words, "chat", 1.0, request.language, trace=trace)

    async def _taste(self, request: Request, recommender: Recommender) -> Taste:
        """What others could read along stays out of it: facts of this conversation alone, and no purchases."""
        conversation = request.turn.conversation
        facts: list[Fact | NewFact] = [*await self._facts.known(conversation), *request.learned]
        private = not conversation.shared
        accounts = await self._people.accounts(conversation.customer_id) if private else ()
        named = {fact.value: recommender.find(fact.value) for fact in facts if fact.kind == "product"}
        tastes = [fact.value for fact in facts if fact.kind == "preference"]
        orders = [fact.value for fact in facts if fact.kind == "order"] if private else []
        return Taste(
            asked=request.argument,
            said=tuple(words for words in tastes if not _AVERSION.search(words)),
            disliked=tuple(words for words in tastes if _AVERSION.search(words)),
            owned=(*(product.id for product in named.values() if product), *_bought(recommender, accounts)),
            ordered=tuple(product for order in orders for product in recommender.bought_by(order)),
            language=request.language,
        )

    def _words(self, found: list[Recommendation], language: str) -> str:
        lines = [self._phrases.text("recommendation", language)]
        for each in found:
            product = each.product
            because = {BECAUSE[each.reason]: each.because} if each.reason in BECAUSE else {}
            reason = self._phrases.text(f"recommendation_{each.reason}", language, **because)
            price = f" ({product.price})" if product.price else ""
            lines.append(f"- **{product.name}**{price}: {reason} {product.url}".rstrip())
        return "\n".join(lines)


def _bought(recommender: Recommender, accounts: Sequence[Account]) -> tuple[str, ...]:
    users = [account.external_id for account in accounts if account.channel in TRUSTED_CHANNELS]
    return tuple(product for user in users for product in recommender.bought_by(user))


def build(ingredients: Ingredients) -> RecommendSkill:
    return RecommendSkill(
        ingredients.recommender,
        answer.build(ingredients),
        ingredients.facts,
        ingredients.people,
        ingredients.phrases,
    )
