"""A customer of the sample shop who writes to the bot; what is stored and how it is answered is real."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal, NoReturn
from zoneinfo import ZoneInfo

from bot import plugins
from bot.answers import confidence
from bot.answers.answerer import Answerer
from bot.errors import ModelError
from bot.guard import Guard
from bot.knowledge.index import KnowledgeIndex
from bot.memory.acquaintance import Acquaintance
from bot.memory.facts.extraction import FactReader
from bot.memory.recall import Recall
from bot.messages import Attachment, Conversation, Draft, Incoming, Prompt
from bot.phrases import Phrases
from bot.pictures.studio import Studio
from bot.pictures.words import TagFinder
from bot.pipeline import Pipeline
from bot.protocols import Eraser
from bot.recommending.recommender import Recommender
from bot.routing.router import Router
from bot.settings import Settings
from generation.embedding import StaticEmbedder
from generation.images.serving.engine import ImageEngine
from storage import Store

PHRASES = Phrases()
_numbers = itertools.count(1)
ROUTER = Router.load(PHRASES)


class NoModel:
    """A language model that cannot be used; small talk is then made of phrases."""

    name = "none"
    context_tokens = 1024

    def count(self, text: str) -> int:
        return len(text.split())

    async def stream(self, prompt: Prompt, **settings: object) -> AsyncGenerator[str]:
        self._refuse()
        yield ""

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise ModelError("There is no model here.")


class Customer:
    """Says something and gets the reply, as it is stored."""

    def __init__(self, store: Store, pipeline: Pipeline, **who: Any) -> None:
        self.store = store
        self._pipeline = pipeline
        self._who = {"channel": "api", "conversation": "anna-1", "user": "anna", "user_name": "Anna B.", **who}
        self.published = ""

    async def say(self, text: str, *attachments: Attachment) -> Draft:
        """The draft that was stored as the reply."""
        key = f"{self._who['conversation']}/{next(_numbers)}"
        said: dict[str, Any] = {"external_id": key, "text": text, "attachments": attachments, **self._who}
        await self.store.inbox.accept(Incoming(**said))
        turn = await self.store.turns.claim("worker")
        assert turn is not None
        words: list[str] = []
        draft = await self._pipeline.reply(turn, words.append)
        await self.store.turns.commit(turn, draft)
        self.published = "".join(words)
        return draft

    async def conversation(self) -> Conversation:
        """The conversation as its next turn sees it."""
        summaries = await self.store.history.conversations(limit=100)
        found = (each.conversation for each in summaries if each.conversation.external_id == self._who["conversation"])
        return next(found)


def pipeline(
    store: Store,
    index: KnowledgeIndex,
    embedder: StaticEmbedder,
    settings: Settings,
    images: ImageEngine | None = None,
    recommender: Recommender | None = None,
    eraser: Eraser | None = None,
) -> Pipeline:
    """The built-in skills over the sample shop, as `bot.app` puts them together."""
    engine = NoModel()
    recall = Recall(store.memories, embedder, zone=ZoneInfo("UTC"))
    ingredients = plugins.Ingredients(
        settings=settings,
        answerer=Answerer(index, confidence.load(), engine, embedder=embedder),
        engine=engine,
        phrases=PHRASES,
        persona="",
        records=store.records,
        facts=store.facts,
        people=store.people,
        pictures=store.pictures,
        studio=Studio(images or ImageEngine(lambda kind: None), TagFinder(embedder), store.files),
        recall=recall,
        acquaintance=Acquaintance(store.facts, store.memories, recall, turns=settings.memory.recalled_turns),
        recommender=recommender,
        eraser=eraser,
    )
    return Pipeline(
        guard=Guard(settings.limits.message_characters, settings.limits.messages_per_minute),
        router=ROUTER,
        skills=plugins.skills(ingredients),
        phrases=PHRASES,
        language=settings.bot.language,
        learn=FactReader().learn,
    )
