"""The language of chat messages, most of which are short."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.routing.language import LATIN_LANGUAGES, detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order?", "en"),
        ("do you ship to Germany", "en"),
        ("my parcel is late and nobody answers", "en"),
        ("Wie lange dauert die Lieferung nach Wien?", "de"),
        ("mein Paket ist nicht da", "de"),
        ("guten Morgen", "de"),
        ("combien de temps prend la livraison ?", "fr"),
        ("bonjour", "fr"),
        ("¿Cuánto tarda el envío?", "es"),
        ("quiero hablar con una persona", "es"),
        ("quanto tempo ci vuole per la consegna", "it"),
        ("onde está o meu pedido", "pt"),
        ("waar is mijn bestelling", "nl"),
        ("我的订单到哪里了？", "zh"),
        ("退货", "zh"),
        ("iPhone 15 多少钱", "zh"),
        ("寄到中国要多久60天", "zh"),  # digits inside of words that have no spaces
        ("注文はどこですか", "ja"),
        ("カード", "ja"),
        ("배송은 얼마나 걸리나요?", "ko"),
        ("Где мой заказ?", "ru"),
        ("Де моє замовлення? Дякую, це важливо її", "uk"),
        ("أين طلبي؟", "ar"),
        ("איפה ההזמנה שלי?", "he"),
        ("คำสั่งซื้อของฉันอยู่ที่ไหน", "th"),
        ("Πού είναι η παραγγελία μου;", "el"),
        ("मेरा ऑर्डर कहाँ है", "hi"),
    ],
)
@pytest.mark.parametrize("last", ["en", "zh", "pl"])
def test_a_plain_sentence_tells_its_language_whatever_was_spoken_before(text: str, language: str, last: str) -> None:
    assert detect(text, last) == language


@pytest.mark.parametrize("last", ["en", "de", "zh", "ja"])
@pytest.mark.parametrize(
    "text", ["", " ", "👍", "😀😀 !!", "12345", "...", "?", "ok", "A-20931", "https://shop.example/x"]
)
def test_what_tells_nothing_keeps_the_last_language(text: str, last: str) -> None:
    assert detect(text, last) == last


@pytest.mark.parametrize(
    ("text", "last"), [("Garantie", "de"), ("garantie", "fr"), ("no", "es"), ("reembolso", "pt"), ("hallo", "nl")]
)
def test_a_word_of_several_languages_is_heard_in_the_last_one(text: str, last: str) -> None:
    assert detect(text, last) == last


def test_an_english_sentence_that_names_a_chinese_brand_stays_english() -> None:
    assert detect("where can I buy the 茅台 that you had in the window last week", "en") == "en"


def test_links_addresses_and_numbers_do_not_count_as_words() -> None:
    assert detect("谢谢 https://www.example.com/returns/how-to-return-your-order", "en") == "zh"


@given(text=st.text(), last=st.sampled_from([*LATIN_LANGUAGES, "zh", "ja", "ar", "xx"]))
def test_any_text_gets_a_language(text: str, last: str) -> None:
    assert len(detect(text, last)) == 2


@pytest.mark.parametrize("piece", ["word ", "字", "\x00", "א", "👍", "ä̈"])
def test_a_text_of_a_megabyte_takes_no_longer_than_a_short_one(piece: str) -> None:
    start = time.perf_counter()
    detect(piece * (1_000_000 // len(piece.encode())), "en")
    assert time.perf_counter() - start < 2
