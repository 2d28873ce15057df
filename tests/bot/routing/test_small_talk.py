"""A reply in small talk states nothing that could be wrong."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.routing.small_talk import is_factless

HARMLESS = [
    "Hello! How can I help you today?",
    "You're welcome, have a great day!",
    "I'm doing well, thanks for asking.",
    "Haha, that is funny!",
    "I am sorry to hear that.",
    "Glad to help. What else can I do for you?",
    "Is there anything I can help you with regarding your order?",
    "Of course, take your time.",
    "Good morning! I hope you are having a nice day.",
    "I'm just a computer program, so I do not sleep.",
    "No problem at all 😊",
]
HARMLESS_CHINESE = [
    "您好！有什么可以帮您？",
    "不客气，祝您生活愉快！",
    "我很好，谢谢关心。",
    "好的，您慢慢来。",
    "请问您的订单有什么问题吗？",
]
FACTS = [
    "Your order will arrive tomorrow.",
    "I have processed your refund.",
    "I've cancelled it for you.",
    "Your refund has been issued.",
    "I will send you a new one.",
    "We'll call you back.",
    "It costs $5.",
    "That is five dollars.",
    "You get 20% off.",
    "Delivery is free.",
    "We ship worldwide.",
    "Our store is open late.",
    "See you on Monday.",
    "It takes two weeks.",
    "Visit www.shop.com for more.",
    "Look at https://shop.example/returns.",
    "Mail me at help@shop.example.",
    "Call 555 for help.",
    "Hello {{Customer Name}}!",
    "Hello [Name], how are you?",
    "Thanks, John.",
    "John says hello.",
    "Amazon is here to help.",
    "i work for amazon",
    "I live in a big house.",
    "My wife likes it too.",
    "Please hold while I transfer you to Sharma.",
    "You will receive an answer shortly.",
    "I can see that it is late.",
    "My instructions say that I must be polite.",
    "Your order was shipped, right?",
    "Did you know that we ship for free?",
    "It weighs ５ kilos.",
]
FACTS_CHINESE = [
    "您的订单已经发货了。",
    "我已经为您退款。",
    "我们包邮。",
    "三天内送达。",
    "价格是九十九元。",
    "请加微信。",
    "我叫小明。",
    "我们会给您打电话。",
    "请联系 John 先生。",
    "满100减20。",
]


@pytest.mark.parametrize("reply", HARMLESS)
def test_kind_words_pass(reply: str) -> None:
    assert is_factless(reply, "en")


@pytest.mark.parametrize("reply", HARMLESS_CHINESE)
def test_kind_words_in_chinese_pass(reply: str) -> None:
    assert is_factless(reply, "zh")


@pytest.mark.parametrize("reply", FACTS)
def test_facts_and_promises_do_not_pass(reply: str) -> None:
    assert not is_factless(reply, "en")


@pytest.mark.parametrize("reply", FACTS_CHINESE)
def test_facts_and_promises_in_chinese_do_not_pass(reply: str) -> None:
    assert not is_factless(reply, "zh")


@pytest.mark.parametrize(
    ("reply", "language"),
    [
        ("Ich habe Ihre Bestellung storniert.", "de"),
        ("Der Versand ist kostenlos.", "de"),
        ("Votre commande est arrivée.", "fr"),
        ("Su pedido llega el lunes.", "es"),
    ],
)
def test_the_other_languages_are_guarded_too(reply: str, language: str) -> None:
    assert not is_factless(reply, language)


@pytest.mark.parametrize(
    ("reply", "language"),
    [
        ("I can't help with that.", "en"),
        ("Sorry, I don't know.", "en"),
        ("I am not able to answer.", "en"),
        ("Das weiß ich leider nicht.", "de"),
        ("Je ne sais pas.", "fr"),
        ("No puedo ayudarle.", "es"),
        ("我不知道。", "zh"),
    ],
)
def test_a_refusal_is_no_small_talk(reply: str, language: str) -> None:
    assert not is_factless(reply, language)


def test_a_name_passes_when_it_is_allowed() -> None:
    assert not is_factless("Hi, I am Nora from Blue Harbour.", "en")
    assert is_factless("Hi, I am Nora from Blue Harbour.", "en", ["Nora", "Blue Harbour"])
    assert is_factless("Nora is happy to help.", "en", ["Nora"])


def test_nothing_said_and_an_unknown_language_do_not_pass() -> None:
    assert not is_factless(" \n", "en")
    assert not is_factless("Hyvää päivää", "fi")


@given(kind=st.sampled_from(HARMLESS), fact=st.sampled_from(FACTS), first=st.booleans())
def test_one_fact_spoils_the_reply_wherever_it_stands(kind: str, fact: str, first: bool) -> None:
    assert not is_factless(f"{fact} {kind}" if first else f"{kind} {fact}", "en")


@given(st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=6))
def test_harmless_sentences_stay_harmless_together(replies: list[str]) -> None:
    assert is_factless(" ".join(replies), "en")


@given(
    reply=st.sampled_from(HARMLESS), place=st.integers(0, 100), character=st.characters(categories=["Nd", "Sc", "Nl"])
)
def test_no_number_or_currency_passes_in_any_script(reply: str, place: int, character: str) -> None:
    assert not is_factless(reply[:place] + character + reply[place:], "en")


@given(reply=st.text(), language=st.sampled_from(["en", "zh", "de", "fr", "es", "fi"]))
def test_any_text_is_judged(reply: str, language: str) -> None:
    assert is_factless(reply, language) in (True, False)


def test_a_text_of_a_megabyte_is_refused_at_once() -> None:
    start = time.perf_counter()
    assert not is_factless("hello " * 170_000, "en")
    assert time.perf_counter() - start < 2
