"""Conversations made of passages: answers stand in them letter for letter, or are declined."""

from __future__ import annotations

import random

import pytest

from generation.text.quotes import ask, read_quotes
from generation.text.small_talk import read_topics

PASSAGES = (
    "Do you ship to Norway? Yes, we ship to Norway within seven days. It costs nine euros.",
    "# Opening hours\nOur shop in Main Street is open from nine to six. Short.\nOn Sundays the shop stays closed.",
    "Hi.",
)
DECLINES = {reply for topic in read_topics() if topic.topic == "no_guess" for reply in topic.assistant}


def test_an_entry_of_a_faq_is_asked_by_its_own_question() -> None:
    assert read_quotes(PASSAGES[:1])[0].question == "Do you ship to Norway?"
    assert read_quotes(PASSAGES[:1])[0].answer == "Yes, we ship to Norway within seven days. It costs nine euros."


def test_other_texts_are_asked_for_each_sentence_that_says_enough() -> None:
    assert [quote.answer for quote in read_quotes(PASSAGES[1:])] == [
        "Our shop in Main Street is open from nine to six.",
        "On Sundays the shop stays closed.",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_every_answer_stands_in_its_passages_or_is_declined(seed: int) -> None:
    made = ask(read_quotes(PASSAGES), PASSAGES, read_topics(), 40, random.Random(seed))
    replies = [turn for dialogue in made for turn in dialogue.turns if turn.role == "assistant"]
    declined = [turn for turn in replies if turn.text in DECLINES]
    assert 40 <= len(replies) <= 80
    assert 0 < len(declined) < len(replies) / 2
    assert all(any(turn.text in text for text in turn.passages) for turn in replies if turn not in declined)


def test_nothing_is_asked_about_nothing() -> None:
    assert ask([], (), read_topics(), 3, random.Random(1)) == []
