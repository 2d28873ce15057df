"""Entities, MarkdownV2 and HTML: read as documented, refused in the platform's words."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.helpers import escape_markdown

from adapters.playground.telegram import ApiError
from adapters.playground.telegram.entities import checked, cut, detected, positions, trimmed, units
from adapters.playground.telegram.markdown import read_markdown_v2, read_old_markdown
from adapters.playground.telegram.markup import read_html

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def spans(text: str, entities: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(entity["type"], cut(text, entity)) for entity in entities]


def assert_within(text: str, entities: list[dict[str, Any]]) -> None:
    """Each entity covers some of the text and ends where it does at the latest."""
    assert all(cut(text, entity) for entity in entities)
    assert all(entity["offset"] + entity["length"] <= units(text) for entity in entities)


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("*bold _italic_ end*", "bold italic end", [("bold", "bold italic end"), ("italic", "italic")]),
        (
            "__under__ ~gone~ ||secret||",
            "under gone secret",
            [("underline", "under"), ("strikethrough", "gone"), ("spoiler", "secret")],
        ),
        ("🙂 `a*b` x", "🙂 a*b x", [("code", "a*b")]),
        ("```python\nx = 1\n```", "x = 1\n", [("pre", "x = 1\n")]),
        (r"[a\.b](https://example.org/\)x)", "a.b", [("text_link", "a.b")]),
        ("[Ann](tg://user?id=7)", "Ann", [("text_mention", "Ann")]),
        ("![👍](tg://emoji?id=5)", "👍", [("custom_emoji", "👍")]),
        (">one\n>two\nthree", "one\ntwo\nthree", [("blockquote", "one\ntwo")]),
        ("**>one\n>two||", "one\ntwo", [("expandable_blockquote", "one\ntwo")]),
        ("a\n>b", "a\nb", [("blockquote", "b")]),
        (r"\*no bold\*", "*no bold*", []),
    ],
)
def test_markdown_is_read(source: str, text: str, expected: list[tuple[str, str]]) -> None:
    found, entities = read_markdown_v2(source)
    assert (found, spans(found, entities)) == (text, expected)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a-b", "Character '-' is reserved and must be escaped with the preceding '\\'"),
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"),
        ("🏟 🏟_abac * asd _", "Can't find end of Italic entity at byte offset 21"),
        ("🏟 🏟__🏟 🏟_", "Can't find end of Italic entity at byte offset 20"),
        ("🏟 🏟`", "Can't find end of Code entity at byte offset 9"),
        ("🏟 🏟```a", "Can't find end of Pre entity at byte offset 9"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
        ("*a", "Can't find end of Bold entity at byte offset 0"),
    ],
)
def test_bad_markdown_is_refused(source: str, refusal: str) -> None:
    with pytest.raises(ApiError) as error:
        read_markdown_v2(source)
    assert error.value.description == f"Bad Request: can't parse entities: {refusal}"


@given(TEXT)
def test_escaped_text_comes_out_as_it_was(text: str) -> None:
    plain = text.replace("\\", "")
    assert read_markdown_v2(escape_markdown(plain, version=2)) == (plain, [])


@given(st.text(alphabet="ab_*[]()~`>#+-=|{}.!\\\n🙂 ", max_size=40))
def test_any_markdown_is_read_or_refused(source: str) -> None:
    for reader in (read_markdown_v2, read_old_markdown):
        with suppress(ApiError):
            assert_within(*reader(source))


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("<b>bold <i>both</i></b>", "bold both", [("bold", "bold both"), ("italic", "both")]),
        ("1 &lt; 2 &amp; 3 &#x1F642;", "1 < 2 & 3 🙂", []),
        ('<a href="https://example.org/?a=1&amp;b=2">here</a>', "here", [("text_link", "here")]),
        ("<a>example.org</a>", "example.org", [("text_link", "example.org")]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", "x")]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", "x")]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", "x")]),
    ],
)
def test_html_is_read(source: str, text: str, expected: list[tuple[str, str]]) -> None:
    found, entities = read_html(source)
    assert (found, spans(found, entities)) == (text, expected)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<h1>a</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("é<b>a</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
    ],
)
def test_bad_html_is_refused(source: str, refusal: str) -> None:
    with pytest.raises(ApiError) as error:
        read_html(source)
    assert error.value.description == f"Bad Request: can't parse entities: {refusal}"


@given(st.text(alphabet='<>/abiu "=&;#x1lt', max_size=40))
def test_any_html_is_read_or_refused(source: str) -> None:
    with suppress(ApiError):
        assert_within(*read_html(source))


@pytest.mark.parametrize(
    ("text", "entities", "refusal"),
    [
        ("🙂 a", [("bold", 1, 1)], "entity begins in a middle of a UTF-16 symbol"),
        ("🙂 a", [("bold", 0, 1)], "ends in a middle of a UTF-16 symbol"),
        ("abc", [("bold", 1, 3)], "entity beginning at UTF-16 offset 1 ends after the end of the text"),
        ("abc", [("bold", 4, 1)], "entity begins after the end of the text"),
        ("abc", [("bold", -1, 1)], "receive an entity with incorrect offset -1"),
        ("abcd", [("bold", 0, 3), ("italic", 1, 3)], "can't parse entities: entities overlap"),
        ("abcd", [("code", 0, 3), ("bold", 1, 1)], "can't parse entities: bold can't be part of code"),
        ("abcd", [("blockquote", 0, 3), ("expandable_blockquote", 1, 1)], "can't be part of blockquote"),
        ("abcd", [("loud", 0, 3)], "unsupported type"),
        ("abcd", [("text_link", 0, 3)], "entity URL '' is invalid"),
    ],
)
def test_bad_entities_are_refused(text: str, entities: list[tuple[str, int, int]], refusal: str) -> None:
    with pytest.raises(ApiError) as error:
        checked(text, [{"type": kind, "offset": start, "length": length} for kind, start, length in entities])
    assert refusal in error.value.description


@given(TEXT, st.data())
def test_entities_keep_their_words_when_the_text_is_trimmed(text: str, data: st.DataObject) -> None:
    text = "".join(" " if character < " " else character for character in text)
    ends = positions(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    given_entity = {"type": "bold", "offset": ends[start], "length": ends[end] - ends[start]}
    entities = checked(text, [given_entity])
    kept, moved = trimmed(text, entities)
    assert kept.strip() == text.strip()
    assert [cut(kept, one).rstrip() for one in moved] == [
        cut(text, one).rstrip() for one in entities if one["offset"] < units(text.rstrip())
    ]


@given(TEXT)
def test_found_entities_lie_in_the_text_and_apart(text: str) -> None:
    found = detected(text)
    ends = set(positions(text))
    last = 0
    for entity in found:
        assert entity["offset"] >= last
        assert {entity["offset"], entity["offset"] + entity["length"]} <= ends
        last = entity["offset"] + entity["length"]
