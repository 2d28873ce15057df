from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.analysis import STOP_WORDS, terms


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Returning parcels", "returned parcel"),
        ("CAFÉ", "cafe"),
        ("Kirkwood House's rooms", "kirkwood houses room"),
        ("ＤＨＬ １２", "dhl 12"),
        ("don’t ship", "do not ship"),
    ],
)
def test_forms_of_one_word_are_one_term(text: str, same: str) -> None:
    assert terms(text) == terms(same)


def test_numbers_and_codes_stay_whole() -> None:
    assert terms("£4.99, 10:30, TR1006") == ["4.99", "10:30", "tr1006"]


def test_words_that_say_nothing_are_left_out() -> None:
    assert terms("What is the price of it?") == ["price"]


def test_chinese_gives_characters_and_pairs() -> None:
    assert terms("退货") == ["退", "货", "退货"]


def test_chinese_and_english_mix_without_spaces() -> None:
    assert terms("用PayPal付款") == ["用", "paypal", "付", "款", "付款"]


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_folded_terms_without_stop_words(text: str) -> None:
    found = terms(text)

    assert all(found)
    assert not STOP_WORDS & set(found)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="ascii")))
def test_case_does_not_matter(text: str) -> None:
    assert terms(text.upper()) == terms(text.lower())


@settings(deadline=None)
@given(st.lists(st.text(alphabet="abcdefg退货运费", min_size=1, max_size=8), max_size=6))
def test_words_between_spaces_do_not_touch_each_other(words: list[str]) -> None:
    assert terms(" ".join(words)) == [term for word in words for term in terms(word)]
