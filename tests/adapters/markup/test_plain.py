"""What is not surely a mark is text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.markup import plain
from tests.adapters.markup.texts import anything, texts


@given(texts)
def test_only_marks_go(text: str) -> None:
    """The plain text is what is left when some characters are taken out."""
    remaining = iter(text)
    assert all(character in remaining for character in plain(text))


@given(anything.filter(lambda text: not set(text) & set("*~`[#>")))
def test_a_text_without_marks_is_unchanged(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4 and 2**3",
        "a * b * c",
        "*not closed",
        "** **",
        "snake_case _x_ __y__",
        "`not closed",
        "```\nnever closed",
        "[label](ftp://e.org)",
        "[https://bank.example](https://other.example)",
        "[](https://e.org)",
        "#hashtag and >5",
        "5 > 3\n>",
        "~one~",
        "**a*",
        "\\*x\\* C:\\*",
    ],
)
def test_what_is_not_surely_a_mark_is_text(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("这是**重点**内容", "这是重点内容"),
        ("**two\nlines**", "two\nlines"),
        ("**one\n\ntwo**", "**one\n\ntwo**"),
        ("- **a\n- b**", "- **a\n- b**"),
        ("[https://e.org](https://e.org)", "https://e.org"),
        ("**[label**](https://e.org)", "**label**"),
        ("a\ud83d\udc4db\ud83d", "a👍b\ufffd"),
    ],
)
def test_marks_that_are_sure_are_taken_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.sampled_from(["**", "*", "~~", "***"]), st.from_regex(r"[a-z]+( [a-z]+)*", fullmatch=True))
def test_marked_words_lose_their_marks(mark: str, words: str) -> None:
    assert plain(f"say {mark}{words}{mark}.") == f"say {words}."
