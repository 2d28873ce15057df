"""What is found of a person's past, what is kept of it in memory, and how much a model is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.app.parts import BUILTIN_EMBEDDER
from bot.memory.acquaintance import Acquaintance
from bot.memory.readings import Readings
from bot.memory.recall import MOST, Recall, Recalled
from bot.messages import Conversation, Fact, Message, Summary
from bot.protocols import Embedder
from generation.embedding import StaticEmbedder
from tests.bot.memory.conversations import NOW, Remembered, request, said

TALK = (
    said(1, "user", "Hello!", days_ago=9),
    said(2, "assistant", "Hello! How can I help you?", days_ago=9, route="chat"),
    said(3, "user", "Which tent is good for snow?", days_ago=9),
    said(4, "assistant", "The Nordkap tent stands storms and snow.", days_ago=9, route="answer"),
    said(5, "user", "My parcel with the rope has not arrived.", days_ago=2),
    said(6, "operator", "I have sent the rope again today.", days_ago=2),
    said(7, "user", "What did I ask you about tents?", days_ago=1),
    said(8, "assistant", "This is what was said before: tent", days_ago=1, route="answer"),
)


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder.load(BUILTIN_EMBEDDER)


class Known:
    """bot.protocols.Facts of one customer."""

    def __init__(self, *facts: Fact) -> None:
        self._facts = facts

    async def known(self, conversation: Conversation) -> Sequence[Fact]:
        return self._facts

    async def told(self, customer_id: str) -> Sequence[Fact]:
        return self._facts


def recall(embedder: Embedder | None = None, memories: Remembered | None = None) -> Recall:
    return Recall(memories or Remembered(TALK), embedder, zone=ZoneInfo("UTC"), clock=lambda: NOW)


async def found(text: str, embedder: StaticEmbedder | None = None) -> Sequence[Recalled]:
    asked, past = request(text), recall(embedder)
    return await past.find(asked, past.wanted(asked), 5)


async def test_the_message_is_found_with_the_reply_to_it(embedder: StaticEmbedder) -> None:
    by_number = {each.said.number: each for each in (await found("What did I ask you about the tent?", embedder))[:2]}
    assert by_number.keys() == {3, 4}
    assert by_number[3].answer == by_number[4].said
    assert by_number[3].is_about_it
    first, *_ = await found("Did I mention the parcel?", embedder)
    assert (first.said.number, first.answer and first.answer.role) == (5, "operator")


async def test_questions_about_the_past_and_replies_that_say_nothing_are_not_found() -> None:
    for text in ("tent", "hello help", "said before"):
        assert not {each.said.number for each in await found(text)} & {2, 7, 8}


async def test_the_nearest_of_what_has_nothing_to_do_with_it_is_not_about_it(embedder: StaticEmbedder) -> None:
    recalled = await found("What did I say about the price of tomatoes?", embedder)
    assert not [each for each in recalled if each.is_about_it]


async def test_last_time_is_the_latest_sitting_that_is_over() -> None:
    recalled = await found("What did I ask you last time?")
    assert {each.said.number for each in recalled if each.in_period} == {5, 6}


async def test_who_has_no_past_costs_nothing(embedder: StaticEmbedder) -> None:
    past = recall(embedder, Remembered())
    assert not await past.find(request("hi"), past.wanted(request("hi")), 5)


class Counting:
    """An embedder that counts the texts that it is given."""

    name = "counting"

    def __init__(self, embedder: StaticEmbedder) -> None:
        self._embedder = embedder
        self.languages = embedder.languages
        self.dimensions = embedder.dimensions
        self.texts = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        return self._embedder.encode(texts)


def test_each_message_is_read_once_until_it_is_forgotten(embedder: StaticEmbedder) -> None:
    counting = Counting(embedder)
    readings = Readings(counting)
    readings.of("ada", TALK[:4])
    readings.of("ada", TALK)
    assert counting.texts == len(TALK)
    readings.of("ada", TALK[4:])
    readings.of("ada", TALK[:1])
    assert counting.texts == len(TALK) + 1  # what was not asked for any more was dropped
    readings.forget("ada")
    readings.forget("nobody")
    assert len(readings) == 0
    readings.of("ada", TALK[:1])
    assert counting.texts == len(TALK) + 2


def test_readings_are_kept_of_few_customers_and_for_a_while() -> None:
    now = [0.0]
    readings = Readings(None, customers=2, seconds=60, clock=lambda: now[0])
    for customer in ("ada", "ben", "eva"):
        readings.of(customer, TALK)
    assert len(readings) == 2
    now[0] = 61
    readings.of("eva", TALK)
    assert len(readings) == 1


async def test_an_erased_customer_leaves_nothing_in_memory(embedder: StaticEmbedder) -> None:
    counting = Counting(embedder)
    past, asked = recall(counting), request("tent")
    texts = []
    for _ in range(2):
        await past.find(asked, past.wanted(asked), 5)
        texts.append(counting.texts)
    await past.forget("u_ada")
    await past.find(asked, past.wanted(asked), 5)
    assert texts == [len(TALK) + 1, len(TALK) + 2]  # with the question itself
    assert counting.texts == 2 * len(TALK) + 3


async def test_of_what_was_said_before_the_latest_messages_the_summaries_are_found() -> None:
    latest = [said(number, "user", "Any news?", days_ago=2) for number in range(21, MOST + 21)]
    summary = Summary("c_1", 20, "My canoe has a hole.\n→ A patch is on its way.", NOW - timedelta(days=20))
    memories = Remembered(latest, [summary, Summary("c_1", 40, "This canoe is among the latest.", NOW)])
    past, asked = recall(None, memories), request("What did I say about the canoe?")
    recalled = await past.find(asked, past.wanted(asked), 5)
    assert next(each.said.text for each in recalled if each.is_about_it) == "My canoe has a hole."
    assert "This canoe is among the latest." not in [each.said.text for each in recalled]


async def test_a_model_is_told_the_newest_facts_and_the_earlier_words_that_matter(embedder: StaticEmbedder) -> None:
    facts = Known(
        Fact("f_1", "name", "Ada", "I am Ada", NOW - timedelta(days=9)),
        Fact("f_2", "order", "4711", "order 4711", NOW),
    )
    known = await Acquaintance(facts, Remembered(), recall(embedder), turns=1).background(
        request("Is the tent good for snow?")
    )
    assert known.profile == ("order: 4711", "name: Ada")
    assert known.fact_ids == ("f_2", "f_1")
    assert len(known.memory) == len(known.message_ids) == 1
    assert known.memory[0].startswith("2026-05-05 ")
    assert "snow" in known.memory[0]


async def test_what_the_reply_sees_anyway_is_not_told_twice(embedder: StaticEmbedder) -> None:
    seen = [Message(each.message_id, each.number, each.role, each.text, each.created_at) for each in TALK]
    asked = request("Is the tent good for snow?", history=seen)
    known = await Acquaintance(Known(), Remembered(), recall(embedder), turns=3).background(asked)
    assert known.memory == ()
    assert (
        await Acquaintance(Known(), Remembered(), recall(embedder), turns=0).background(request("snow tent"))
    ).memory == ()


async def test_what_a_long_conversation_was_about_is_told_after_the_rest() -> None:
    seen = [Message("m_40", 40, "user", "Any news?", NOW)]
    memories = Remembered(
        TALK,
        [
            Summary("c_9", 20, "My canoe has a hole.\n→ A patch is on its way.", NOW),
            Summary("c_9", 40, "What the reply sees anyway.", NOW),
            Summary("c_1", 20, "Another conversation.", NOW),
        ],
    )
    known = await Acquaintance(Known(), memories, recall(), turns=1).background(
        request("And my snow tent?", history=seen)
    )
    assert known.memory[-1] == "before in this conversation: My canoe has a hole. / → A patch is on its way."
    assert len(known.memory) == len(known.message_ids) == 2
    assert known.message_ids[-1] == ""
