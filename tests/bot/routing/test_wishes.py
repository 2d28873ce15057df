"""Wishes about what is known of the customer, in plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.routing.wishes import Wish, fact_kind, read_wish


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("Please forget my email.", "forget", "email"),
        ("delete my phone number!", "forget", "phone number"),
        ("忘掉我的邮箱吧", "forget", "邮箱"),
        ("Vergiss bitte meine Adresse", "forget", "adresse"),
        ("oublie mon nom", "forget", "nom"),
        ("forget everything I've told you", "forget", "all"),
        ("Can you delete all my data, please?", "forget", "everything"),
        ("忘掉我吧", "forget", "everything"),
        ("What do you know about me?", "me", ""),
        ("Was weißt du über mich?", "me", ""),
        ("你记得我什么？", "me", ""),
        ("No more recommendations, please", "recommendations", "off"),
        ("不要再推荐了。", "recommendations", "off"),
        ("Which boots would you suggest for snow?", "recommend", "boots snow"),
        ("Can you recommend something for my tent?", "recommend", "tent"),
        ("有什么推荐吗？", "recommend", ""),
        ("推荐一款帐篷", "recommend", "帐篷"),
        ("Was können Sie mir empfehlen?", "recommend", ""),
    ],
)
def test_a_wish_is_understood(text: str, name: str, argument: str) -> None:
    assert read_wish(text) == Wish(name, argument)


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password",
        "How do I delete my account?",
        "forget it",
        "Please delete my order",
        "What do you know about waterproof jackets?",
        "What size do you recommend?",
        "Do you recommend washing it at 30 degrees?",
        "How do I remove my name from the newsletter?",
        "尺码怎么推荐？",
        "帐篷怎么洗？",
        "hello",
        "",
    ],
)
def test_other_messages_are_no_wishes(text: str) -> None:
    assert read_wish(text) is None


@pytest.mark.parametrize(
    ("words", "kind"), [("E-Mail", "email"), ("telefonnummer", "phone"), ("订单", "order"), ("spaceship", None)]
)
def test_kinds_of_facts_have_names_in_every_language(words: str, kind: str | None) -> None:
    assert fact_kind(words) == kind


@given(st.text(max_size=250))
def test_any_text_may_come(text: str) -> None:
    read_wish(text)
