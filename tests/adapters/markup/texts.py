"""Texts as hypothesis invents them: anything, and what looks like Markdown."""

from __future__ import annotations

import regex
from hypothesis import strategies as st

PIECES = [
    *(
        "**",
        "*",
        "***",
        "~~",
        "`",
        "``",
        "[",
        "]",
        "](https://e.org/a_b)",
        "](https://e.org/(x))",
        "\\",
        "_",
        "|",
        "@everyone",
    ),
    *(
        "\n",
        "\n\n",
        " ",
        "  ",
        "\n> ",
        "\n# ",
        "\n- ",
        "\n* ",
        "\n1. ",
        "\n```python\n",
        "\n```\n",
        "\n````\n",
        "\n-# ",
        "\r\n",
    ),
    *(
        "word",
        "Two words.",
        "snake_case",
        "end. Next",
        "https://example.org/a_b?c=d",
        "<@123>",
        "<t:1>",
        "3 - 4",
        "# x",
        "a",
    ),
    *(
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "👍🏽",
        "é",
        "e\u0301",
        "\u0301",
        "\u200d",
        "各位客戶。",
        "你好，",
        "か\u3099",
        "שלום",
        "مرحبا",
        "क्षि",
        "𝒳",
        "\t",
    ),
]
markdown = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
texts = st.one_of(markdown, anything, st.lists(st.one_of(st.sampled_from(PIECES), anything), max_size=12).map("".join))


VISIBLE = r"[^\s\p{Cc}\p{Cf}]"


def longest_blank(text: str) -> int:
    """The width of the longest run that no platform shows."""
    return max(map(width, regex.split(VISIBLE, text)))


def width(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def places(parts: list[str], whole: str) -> list[tuple[int, int]]:
    """Where the parts are in the whole, one behind the other, with nothing but blanks left out between them."""
    found = []
    place = 0
    for part in parts:
        start = whole.index(part, place)
        assert not regex.search(VISIBLE, whole[place:start])
        place = start + len(part)
        found.append((start, place))
    assert not regex.search(VISIBLE, whole[place:])
    return found


def borders(text: str) -> set[int]:
    """Where no grapheme cluster is cut."""
    return {0, *(cluster.end() for cluster in regex.finditer(r"\X", text))}
