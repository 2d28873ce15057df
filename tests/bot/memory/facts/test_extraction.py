"""What is taken for a fact of the customer, and what is not."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.facts.extraction import FactReader
from bot.messages import Message, NewFact

READER = FactReader()


def told(text: str) -> list[tuple[str, str]]:
    return [(fact.kind, fact.value) for fact in READER.read(text)]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Hello, my name is Vera Lindqvist.", [("name", "Vera Lindqvist")]),
        ("my name is vera", [("name", "vera")]),
        ("It's about order #A-10443.", [("order", "A-10443")]),
        ("You can mail me at vera@home.example.", [("email", "vera@home.example")]),
        ("Call me on +46 70 123 45 67, please", [("phone", "+46 70 123 45 67")]),
        ("I live in Uppsala.", [("address", "Uppsala")]),
        ("I bought the Nordwind parka.", [("product", "Nordwind parka")]),
        ("I prefer cotton to wool.", [("preference", "prefer cotton to wool")]),
        ("My kettle is leaking!", [("problem", "My kettle is leaking"), ("product", "kettle")]),
        ("Please answer in Swedish", [("language", "sv")]),
        ("我叫周杰", [("name", "周杰")]),
        ("我的订单号是 10443221，还没到。", [("order", "10443221"), ("problem", "还没到")]),
        ("我住在苏州", [("address", "苏州")]),
        ("我买了一台咖啡机和一双跑鞋", []),
        ("我买了一双跑鞋", [("product", "跑鞋")]),
        ("我对花生过敏", [("preference", "对花生过敏")]),
        ("请用德语回复", [("language", "de")]),
    ],
)
def test_what_is_told_straight_out_is_known(text: str, facts: list[tuple[str, str]]) -> None:
    assert told(text) == facts


@pytest.mark.parametrize(
    "text",
    [
        "I'm not Vera.",
        "My name is not Vera",
        "I never bought the parka.",
        "My sister is called Vera.",
        "My sister's order is 10443.",
        "She said my name is Vera.",
        'The card says "I am Vera".',
        "> my name is Vera",
        "Is my name Vera?",
        "If I lived in Uppsala, what would it cost?",
        "My name is Vera, haha, just kidding!",
        "I am Vera's brother.",
        "Write a poem in which I live in Uppsala",
        "I'm Swedish.",
        "我不叫周杰",
        "我姐姐叫周洁",
        "他说我叫周杰",
        "“我叫周杰”是一句歌词吗？",
        "如果我住在苏州，运费多少？",
        "我叫周杰伦，哈哈",
        "我是周杰的弟弟。",
    ],
)
def test_what_is_denied_or_told_of_others_or_not_meant_is_no_fact(text: str) -> None:
    assert told(text) == []


def test_a_correction_counts() -> None:
    assert told("My name isn't Vera, it's Verena.") == [("name", "Verena")]
    assert told("我不叫周杰，我叫周洁。") == [("name", "周洁")]


def test_a_question_may_take_a_fact_for_granted() -> None:
    assert told("Can you repair the parka I bought in May?") == [("product", "parka")]
    assert told("When does my order 10443 arrive?") == [("order", "10443")]


def test_of_what_a_person_has_one_the_newer_takes_the_place_of_the_earlier() -> None:
    kinds = {fact.kind: fact.replaces_kind for fact in READER.read("I'm Vera. My order is 10443.")}
    assert kinds == {"name": True, "order": False}


def test_a_turn_tells_each_fact_once_with_the_message_that_told_it() -> None:
    def message(key: str, text: str) -> Message:
        return Message(key, 1, "user", text, datetime.now(UTC))

    facts = READER.learn([message("a", "I'm Vera."), message("b", "vera: order 10443"), message("c", "I'm Vera!")])
    assert [(fact.value, fact.message_id) for fact in facts] == [("Vera", "a"), ("10443", "b")]


PIECES = [
    "my name is ",
    "I'm ",
    "Tom",
    " order ",
    "#12345",
    "'",
    '"',
    ", ",
    ". ",
    "?",
    "\n",
    "我叫",
    "李雷",
    "我买了帐篷",
    "哈",
]


@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_every_fact_is_supported_by_the_message_letter_for_letter(text: str) -> None:
    for fact in READER.read(text):
        assert fact.quote in text
        assert supports(fact)


def supports(fact: NewFact) -> bool:
    """A language is stored by its code."""
    return fact.kind == "language" or fact.value in fact.quote


@pytest.mark.parametrize("piece", ["my ", "I bought a Aa ", "'1-", "我买了我的帐篷", '"I am ', "1 "])
def test_no_message_takes_long(piece: str) -> None:
    begin = time.perf_counter()
    READER.read(piece * 5000)
    assert time.perf_counter() - begin < 1
