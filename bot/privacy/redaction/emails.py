"""E-mail addresses, in Latin letters with or without accents, also where other writing stands right beside them."""

from __future__ import annotations

from collections.abc import Iterator

import regex

LOCAL = r"[\p{Latin}0-9._%+'\-]"
NAME = r"[\p{Latin}0-9\-]++"
AT, DOT = r"(?:@|\s?[(\[{]\s?at\s?[)\]}]\s?)", r"(?:\.|\s?[(\[{]\s?(?:dot|punkt|point|punto)\s?[)\]}]\s?)"
ADDRESS = regex.compile(
    rf"(?<!{LOCAL})(?P<local>{LOCAL}{{1,64}}+){AT}{NAME}(?:{DOT}{NAME}){{0,8}}{DOT}(?P<top>\p{{Latin}}{{2,24}})(?![\p{{Latin}}0-9])",
    regex.IGNORECASE,
)
FILES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "css", "js"})
"""`logo@2x.png` is no address."""


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand in a plain text."""
    for match in ADDRESS.finditer(text):
        if match["top"].lower() not in FILES:
            leading = len(match["local"]) - len(match["local"].lstrip(".'-"))
            yield match.start() + leading, match.end()
