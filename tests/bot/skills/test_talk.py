"""Small talk: what the model may say, what is cut, and what is said instead."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Literal

import pytest

from bot.errors import Busy
from bot.messages import Claim, Conversation, Message, Prompt, Request, Turn, Utterance
from bot.phrases import Phrases
from bot.skills.talk import TalkSkill

PHRASES = Phrases()


class Parrot:
    """An engine that says given words in small pieces, and remembers what it was asked."""

    name = "parrot"
    context_tokens = 100

    def __init__(self, words: str, error: Exception | None = None) -> None:
        self._words = words
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
    ) -> AsyncGenerator[str]:
        self.prompts.append(prompt)
        for start in range(0, len(self._words), 3):
            yield self._words[start : start + 3]
        if self._error:
            raise self._error

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        raise NotImplementedError


def request(text: str, language: str = "en", kind: str = "greeting") -> Request:
    message = Message("m", 1, "user", text, datetime.now(UTC))
    turn = Turn(Claim("c", "w", 1), Conversation("c", "web", "c", "ada"), (message,))
    return Request(turn, text, language, history=(Utterance("assistant", "Hello"),), kind=kind)


async def talk(engine: Parrot, asked: Request) -> tuple[str, str]:
    skill = TalkSkill(
        engine,
        PHRASES,
        persona="You are kind.",
        is_factless=lambda sentence, _language: not any(character.isdigit() for character in sentence),
        languages={"en"},
        seconds=1,
    )
    published: list[str] = []
    draft = await skill.run(asked, published.append)
    assert draft.route == "chat"
    return draft.text, "".join(published)


async def test_what_the_model_says_is_published_as_it_is_checked() -> None:
    engine = Parrot("Good morning! How are you?")
    assert await talk(engine, request("hi")) == ("Good morning! How are you?",) * 2
    assert engine.prompts[0].persona == "You are kind."
    assert engine.prompts[0].turns[-1] == Utterance("user", "hi")


async def test_a_sentence_with_a_fact_is_never_shown() -> None:
    assert await talk(Parrot("Good morning! Shipping costs 5 euros."), request("hi")) == ("Good morning!",) * 2


async def test_two_sentences_are_enough() -> None:
    assert await talk(Parrot("One. Two. Three. Four."), request("hi")) == ("One. Two.",) * 2


@pytest.mark.parametrize("words", ["It costs 5 euros.", "", "   ", "an endless sentence without an end"])
async def test_where_the_model_has_nothing_to_say_a_fixed_phrase_is_said(words: str) -> None:
    text, published = await talk(Parrot(words), request("hi"))
    assert text == published == PHRASES.small_talk("greeting", "en", "hi")


async def test_a_busy_model_does_not_keep_the_customer_waiting() -> None:
    text, _ = await talk(Parrot("", Busy("full")), request("hi"))
    assert text == PHRASES.small_talk("greeting", "en", "hi")


async def test_in_a_language_that_the_model_does_not_know_it_is_not_asked() -> None:
    engine = Parrot("Good morning!")
    text, published = await talk(engine, request("你好", language="zh"))
    assert text == published == PHRASES.small_talk("greeting", "zh", "你好")
    assert not engine.prompts
