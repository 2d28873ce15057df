"""Discord's parts, read again as Discord reads its Markdown."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.markup import discord_parts, plain
from tests.adapters.markup.texts import places, texts, width


class Reader:
    """What Discord shows of a message: its own escapes, styles, code, masked links, quotes."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._place = 0
        self._brackets: list[int] = []
        self._shown: list[str] = []

    def read(self) -> str:
        while self._place < len(self._content):
            self._step()
        return "".join(self._shown)

    def _step(self) -> None:
        rest = self._content[self._place :]
        line_start = self._place == 0 or self._content[self._place - 1] == "\n"
        if rest.startswith("\\") and len(rest) > 1:
            self._show(rest[1], 2)
        elif rest.startswith("```"):
            content, _ = rest[rest.index("\n") + 1 :].split("\n```", 1)
            self._show(content, rest.index("\n") + 1 + len(content) + 4)
        elif rest.startswith("`"):
            self._show(rest[1 : rest.index("`", 1)], rest.index("`", 1) + 1)
        elif rest.startswith("<https://"):
            self._show(rest[1 : rest.index(">")], rest.index(">") + 1)
        elif rest.startswith("](<"):
            self._shown[self._brackets.pop()] = ""
            self._place += rest.index(">)") + 2
        elif (line_start and rest.startswith("> ")) or rest.startswith(("**", "~~")):
            self._place += 2
        elif rest.startswith("_") and not self._within_word():
            self._place += 1
        else:
            if rest.startswith("["):
                self._brackets.append(len(self._shown))
            elif rest.startswith("]") and self._brackets:
                self._brackets.pop()
            self._show(rest[0], 1)

    def _within_word(self) -> bool:
        before, after = self._content[self._place - 1 : self._place], self._content[self._place + 1 : self._place + 2]
        return before.isalnum() and after.isalnum()

    def _show(self, text: str, read: int) -> None:
        self._shown.append(text)
        self._place += read


def shown(parts: list[str]) -> list[str]:
    return [Reader(part).read() for part in parts]


@given(texts, st.integers(8, 80))
@settings(deadline=None)
def test_what_discord_shows_is_the_whole_text(text: str, limit: int) -> None:
    places(shown(discord_parts(text, limit)), plain(text))


@given(texts, st.integers(8, 80))
@settings(deadline=None)
def test_no_part_is_too_long_or_empty(text: str, limit: int) -> None:
    for part in discord_parts(text, limit):
        assert width(part) <= limit
        assert part.strip()


@given(texts)
@settings(deadline=None)
def test_nobody_is_mentioned(text: str) -> None:
    for part in discord_parts(text):
        for mention in ("@everyone", "@here", "<@"):
            assert part.count(mention) == part.count("\\" + mention) or "`" in part


def test_formatting_is_discords_own() -> None:
    text = "**bold**, *it*, ***both***, ~~gone~~, `x*y*` and [our **site**](https://e.org/a_b)."
    assert discord_parts(text) == [
        "**bold**, _it_, **_both_**, ~~gone~~, `x*y*` and [our **site**](<https://e.org/a_b>)."
    ]


def test_blocks_are_discords_own() -> None:
    text = "# Returns\n> within *30* days\n> of purchase\n- one\n* two\n1. three\n```python\nprint('**')\n```\nDone."
    assert discord_parts(text) == [
        "**Returns**\n> within _30_ days\n> of purchase\n- one\n* two\n1. three\n```python\nprint('**')\n```\nDone."
    ]


def test_plain_text_that_would_mean_something_is_escaped() -> None:
    text = "2*3*4 @everyone <@1> ||x|| _y_ snake_case C:\\dir a < b - 5 [1]"
    assert discord_parts(text) == [
        "2\\*3\\*4 \\@everyone \\<@1> \\|\\|x\\|\\| \\_y\\_ snake_case C:\\\\dir a < b - 5 [1]"
    ]
    assert discord_parts("- 5 degrees\n    # no heading") == ["\\- 5 degrees\n    \\# no heading"]


def test_styles_go_around_code_and_links() -> None:
    assert discord_parts("**see `x` or [this](https://e.org) now**") == [
        "**see** `x` **or** [**this**](<https://e.org>) **now**"
    ]


def test_an_address_that_is_its_own_label_is_no_masked_link() -> None:
    assert discord_parts("[https://e.org/a_b](https://e.org/a_b)") == ["<https://e.org/a_b>"]


def test_a_long_code_block_is_closed_and_opened_again_in_its_language() -> None:
    text = "Look:\n```js\nlet a = 1\nlet b = 2\n```"
    assert discord_parts(text, 30) == ["Look:\n```js\nlet a = 1\n```\n", "```js\nlet b = 2\n```"]


def test_a_long_quote_stays_a_quote() -> None:
    assert discord_parts("> one two\n> three four", 16) == ["> one two\n> ", "> three four"]


def test_a_part_that_begins_in_the_middle_of_a_line_begins_no_block() -> None:
    assert discord_parts("aaaa bbbb - cccc", 12) == ["aaaa bbbb ", "\\- cccc"]


def test_blank_texts_have_no_parts() -> None:
    assert discord_parts("") == discord_parts(" \n ") == []


def test_a_limit_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        discord_parts("x", 7)


@pytest.mark.parametrize("piece", ["word ", "**a ", "[a](https://e.org) ", "\n> a", "\n```\nx", " *", "**`a`", "👍🏽"])
def test_time_is_linear_in_the_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        begun = time.process_time()
        discord_parts(text)
        return time.process_time() - begun

    assert seconds(200_000) < 40 * max(seconds(20_000), 0.01)  # a square would be 100
