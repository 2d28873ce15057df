"""Small talk: what the model may say, what is cut, and what is said instead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from bot.context import Background
from bot.errors import Busy
from bot.messages import Claim, Conversation, Message, Prompt, Request, Turn, Utterance
from bot.phrases import Phrases
from bot.promotion.manners import Manners
from bot.promotion.registry import Registry
from bot.skills.talk import MOST_TALKING, TalkSkill
from tests.bot.promotion.test_registry import promoted, trained

PHRASES = Phrases()


class Parrot:
    """An engine that says given words, one text for each seed, and finds those likely that it is told to."""

    name = "parrot"
    context_tokens = 100

    def __init__(self, *texts: str, likes: str = "", error: Exception | None = None) -> None:
        self._texts = texts
        self._likes = likes
        self._error = error
        self.prompts: list[Prompt] = []

    def count(self, text: str) -> int:
        return len(text.split())

    async def stream(
        self,
        prompt: Prompt,
        *,
        max_new_tokens: int | None = None,
        temperature: float | None = None,
        stop: Sequence[str] = (),
        seed: int | None = None,
        timeout: float | None = None,
        conversation: str = "",
    ) -> AsyncGenerator[str]:
        self.prompts.append(prompt)
        if self._error:
            raise self._error
        text = self._texts[(seed or 0) % len(self._texts)]
        for start in range(0, len(text), 3):
            yield text[start : start + 3]

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        fits = [bool(prompt.turns) and text == self._likes for prompt, text in zip(prompts, continuations, strict=True)]
        return [-1.0 if fit else -2.0 for fit in fits]


def request(text: str, language: str = "en", kind: str = "greeting") -> Request:
    message = Message("m", 1, "user", text, datetime.now(UTC))
    turn = Turn(Claim("c", "w", 1), Conversation("c", "web", "c", "ada"), (message,))
    return Request(turn, text, language, history=(Utterance("assistant", "Hello"),), kind=kind)


NOTHING_PROMOTED = Manners(Registry(Path("no such folder")), {"en"})


def skilled(engine: Parrot, manners: Manners = NOTHING_PROMOTED) -> TalkSkill:
    return TalkSkill(
        engine,
        PHRASES,
        persona="You are kind.",
        is_factless=lambda sentence, _language: not any(character.isdigit() for character in sentence),
        manners=manners,
        seconds=1,
    )


async def talk(engine: Parrot, asked: Request) -> tuple[str, str]:
    skill = skilled(engine)
    published: list[str] = []
    draft = await skill.run(asked, published.append)
    assert draft.route == "chat"
    return draft.text, "".join(published)


async def test_what_fits_the_conversation_best_is_said() -> None:
    engine = Parrot("Good evening!", "Good morning! How are you?", likes="Good morning! How are you?")
    assert await talk(engine, request("hi")) == ("Good morning! How are you?",) * 2
    assert engine.prompts[0].persona == "You are kind."
    assert engine.prompts[0].turns[-1] == Utterance("user", "hi")


async def test_a_sentence_with_a_fact_is_never_said() -> None:
    engine = Parrot("Good morning! Shipping costs 5 euros.", likes="Good morning!")
    assert await talk(engine, request("hi")) == ("Good morning!",) * 2


async def test_two_sentences_are_enough() -> None:
    assert await talk(Parrot("One. Two. Three. Four.", likes="One. Two."), request("hi")) == ("One. Two.",) * 2


@pytest.mark.parametrize("words", ["It costs 5 euros.", "", "   ", "an endless sentence without an end", "Fits all."])
async def test_where_the_model_has_nothing_better_to_say_a_fixed_phrase_is_said(words: str) -> None:
    phrase = PHRASES.small_talk("greeting", "en", "hi")
    assert await talk(Parrot(words, likes=phrase), request("hi")) == (phrase,) * 2


async def test_a_busy_model_does_not_keep_the_customer_waiting() -> None:
    text, _ = await talk(Parrot("Hello.", error=Busy("full")), request("hi"))
    assert text == PHRASES.small_talk("greeting", "en", "hi")


async def test_in_a_language_that_the_model_does_not_know_it_is_not_asked() -> None:
    engine = Parrot("Good morning!")
    text, published = await talk(engine, request("你好", language="zh"))
    assert text == published == PHRASES.small_talk("greeting", "zh", "你好")
    assert not engine.prompts


class Habitual(Parrot):
    """Finds its own words likely everywhere, and somewhat more so in a conversation; others are made likelier by it."""

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        own = {True: -0.5, False: -1.0}
        other = {True: -3.0, False: -4.0}
        pairs = zip(prompts, continuations, strict=True)
        return [(own if text.startswith("Howdy") else other)[bool(prompt.turns)] for prompt, text in pairs]


async def test_a_model_that_its_operator_has_promoted_speaks_in_its_own_manner(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "bot")
    name = str(registry.path(promoted(registry, trained(tmp_path / "friendly"))))
    engine = Habitual("Howdy, friend!")
    skill = skilled(engine, Manners(registry, {"en"}))
    phrase = PHRASES.small_talk("greeting", "en", "hi")
    assert (await skill.run(request("hi"), lambda words: None)).text == phrase
    engine.name = name
    assert (await skill.run(request("hi"), lambda words: None)).text == "Howdy, friend!"


async def test_a_crowd_is_not_kept_waiting_in_line() -> None:
    engine = Parrot("Good day to you!", likes="Good day to you!")
    skill = skilled(engine)
    drafts = await asyncio.gather(*(skill.run(request("hi"), lambda words: None) for _ in range(5)))
    assert [draft.text for draft in drafts].count("Good day to you!") == MOST_TALKING
    assert (await skill.run(request("hi"), lambda words: None)).text == "Good day to you!"


class Acquainted:
    """Knows the customer's name, and what they wrote before."""

    async def background(self, request: Request) -> Background:
        return Background(("name: Ada",), ("2026-05-01 the customer wrote: hi",), ("f_1",), ("m_1",))


async def test_the_model_is_told_who_writes_and_the_trace_tells_what_it_was_told() -> None:
    engine = Parrot("Good morning!", likes="Good morning!")
    skill = TalkSkill(
        engine,
        PHRASES,
        persona="You are kind.",
        is_factless=lambda sentence, _language: True,
        manners=NOTHING_PROMOTED,
        seconds=1,
        acquaintance=Acquainted(),
    )
    draft = await skill.run(request("hi"), lambda words: None)
    assert engine.prompts[0].profile == ("name: Ada", "2026-05-01 the customer wrote: hi")
    assert draft.trace["prompt"] == {"passages": 0, "turns": 2, "facts": ["f_1"], "memory": ["m_1"]}
