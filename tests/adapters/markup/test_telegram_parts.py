"""Telegram's parts: nothing lost, nothing cut that can be whole, entities as the Bot API wants them."""

from __future__ import annotations

import time
from itertools import combinations

import pytest
import regex
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from adapters.markup import Entity, TelegramPart, plain, telegram_parts
from adapters.markup.parsing import parse
from tests.adapters.markup.texts import VISIBLE, anything, borders, longest_blank, places, texts, width


def shown(part: TelegramPart, entity: Entity) -> str:
    units = part.text.encode("utf-16-le")
    return units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


def texts_of(text: str, limit: int) -> list[str]:
    return [part.text for part in telegram_parts(text, limit)]


@given(texts, st.integers(2, 60))
@settings(deadline=None)
@example("a" * 5 + " " * 30 + "b", 10)
@example("a\n\n\u200d b", 2)
def test_the_parts_follow_each_other_and_leave_out_blank_pieces_only(text: str, limit: int) -> None:
    places(texts_of(text, limit), plain(text))


@given(anything.filter(lambda text: not set(text) & set("*~`[#>:")), st.integers(2, 60))
@settings(deadline=None)
@example("abcd  efgh", 4)
@example("abcd\n\nefgh", 4)
def test_the_parts_put_together_are_the_whole_text(text: str, limit: int) -> None:
    """Where white space and the cluster behind it fit a part."""
    assume(longest_blank(text) + max(map(width, regex.findall(r"\X", text)), default=0) <= limit)
    whole = "".join(texts_of(text, limit))
    assert text.startswith(whole)
    assert not regex.search(VISIBLE, text[len(whole) :])


@given(texts, st.integers(2, 60))
@settings(deadline=None)
def test_no_part_is_too_long_or_empty(text: str, limit: int) -> None:
    for part in telegram_parts(text, limit):
        assert width(part.text) <= limit
        assert part.text.strip()


@given(texts, st.integers(2, 80))
@settings(deadline=None)
def test_entities_are_what_the_bot_api_takes(text: str, limit: int) -> None:
    for part in telegram_parts(text, limit):
        for entity in part.entities:
            words = shown(part, entity)
            assert words == words.rstrip()
            assert words.strip()
            assert entity.offset + entity.length <= width(part.text)
            assert (entity.type == "text_link") == (entity.url is not None)
        for one, other in combinations(part.entities, 2):
            check_pair(one, other)


def check_pair(one: Entity, other: Entity) -> None:
    """Either apart, or the second within the first, and nothing within code."""
    end, other_end = one.offset + one.length, other.offset + other.length
    apart = end <= other.offset or other_end <= one.offset
    assert apart or (one.offset <= other.offset and other_end <= end)
    assert apart or (one.type not in ("code", "pre") and one.type != other.type)


@given(texts, st.integers(2, 60))
@settings(deadline=None)
def test_no_part_ends_within_a_grapheme_cluster_that_fits(text: str, limit: int) -> None:
    whole = plain(text)
    uncut = borders(whole)
    for start, end in places(texts_of(text, limit), whole):
        for place in {start, end} - uncut:
            cluster = whole[max(each for each in uncut if each < place) : min(each for each in uncut if each > place)]
            assert width(cluster) > limit


@given(texts, st.integers(2, 60))
@settings(deadline=None)
def test_a_span_that_fits_is_shown_in_one_part(text: str, limit: int) -> None:
    marked = parse(text)
    parts = places(texts_of(text, limit), marked.text)
    for span in marked.spans:
        words = marked.text[span.start : span.end].strip()
        if width(marked.text[span.start : span.end]) <= limit:
            assert any(words in marked.text[max(start, span.start) : min(end, span.end)] for start, end in parts)


def test_formatting_becomes_entities() -> None:
    [part] = telegram_parts("👍 **bold**, *it **both***, ~~gone~~, `x*y*` and [our **site**](https://e.org/a_(b)).")
    assert part.text == "👍 bold, it both, gone, x*y* and our site."
    assert [(entity.type, shown(part, entity), entity.url) for entity in part.entities] == [
        ("bold", "bold", None),
        ("italic", "it both", None),
        ("bold", "both", None),
        ("strikethrough", "gone", None),
        ("code", "x*y*", None),
        ("text_link", "our site", "https://e.org/a_(b)"),
        ("bold", "site", None),
    ]
    assert part.entities[0].offset == 3


def test_blocks_become_entities() -> None:
    text = "# Returns **now**\n> within *30* days\n> of purchase\n- one\n- two\n```python\nprint('**')\n```\nDone."
    [part] = telegram_parts(text)
    assert part.text == "Returns now\nwithin 30 days\nof purchase\n- one\n- two\nprint('**')\nDone."
    assert [(entity.type, shown(part, entity), entity.language) for entity in part.entities] == [
        ("bold", "Returns now", None),
        ("blockquote", "within 30 days\nof purchase", None),
        ("italic", "30", None),
        ("pre", "print('**')", "python"),
    ]


def test_code_is_not_within_other_entities() -> None:
    [part] = telegram_parts("**press `Enter` twice**")
    assert [(entity.type, shown(part, entity)) for entity in part.entities] == [
        ("bold", "press"),
        ("code", "Enter"),
        ("bold", "twice"),
    ]


def test_a_cut_is_between_paragraphs_rather_than_lines_sentences_or_words() -> None:
    assert texts_of("One two. Three.\n\nFour five six.", 24) == ["One two. Three.\n\n", "Four five six."]
    assert texts_of("One two.\nThree four five six.", 24) == ["One two.\n", "Three four five six."]
    assert texts_of("One two three. Four five.", 20) == ["One two three. ", "Four five."]
    assert texts_of("one two three four", 11) == ["one two ", "three four"]
    assert texts_of("請稍候。我們會盡快回覆您。", 9) == ["請稍候。", "我們會盡快回覆您。"]
    assert texts_of("請稍候。我們會盡快回覆您。", 8) == ["請稍候。我們會盡", "快回覆您。"]


def test_a_paragraph_that_fits_is_not_cut_to_fill_the_part_before() -> None:
    assert texts_of("Hi.\n\n" + "word " * 7, 36) == ["Hi.\n\n", "word " * 7]


def test_a_word_too_long_for_any_part_is_cut_hard() -> None:
    assert texts_of("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert texts_of("👩‍👩‍👧‍👦" * 3, 12) == ["👩‍👩‍👧‍👦"] * 3
    assert "".join(texts_of("e" + "\u0301" * 50, 20)) == "e" + "\u0301" * 50


def test_what_fits_is_never_cut_inside() -> None:
    assert texts_of("see the [terms of use](https://e.org) now", 18) == ["see the ", "terms of use now"]
    assert texts_of("go to https://example.org/a now", 24) == ["go to ", "https://example.org/a ", "now"]
    assert texts_of("a b **c d e** f", 6) == ["a b ", "c d e ", "f"]


def test_a_long_code_block_is_cut_between_lines_and_goes_on_as_code() -> None:
    first, second = telegram_parts("```js\nlet a = 1\nlet b = 2\n```", 12)
    assert (first.text, second.text) == ("let a = 1\n", "let b = 2")
    assert [(each.type, each.language, each.length) for each in (*first.entities, *second.entities)] == [
        ("pre", "js", 9),
        ("pre", "js", 9),
    ]


def test_blank_texts_have_no_parts() -> None:
    assert telegram_parts("") == telegram_parts(" \n ") == []


def test_a_limit_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        telegram_parts("x", 1)


@pytest.mark.parametrize(
    "piece",
    [
        "word ",
        "**",
        "**a ",
        "*a **b ***c ",
        "`",
        "[",
        "[a](https://e.org) ",
        "](https://e.org",
        "\n> ",
        "\n```\n",
        "....",
        "**`a`",
        "👍🏽",
    ],
)
def test_time_is_linear_in_the_length(piece: str) -> None:
    def once(text: str) -> float:
        begun = time.process_time()
        telegram_parts(text)
        return time.process_time() - begun

    def seconds(size: int) -> float:
        """The least of a few tries: on a busy machine some take long for reasons of its own."""
        text = (piece * (size // len(piece) + 1))[:size]
        return min(once(text) for _ in range(3))

    assert seconds(60_000) < 40 * max(seconds(6_000), 0.003)  # a square would be 100
