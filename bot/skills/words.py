"""Publishing a text that is already certain, word by word, as a reader takes it in."""

from __future__ import annotations

import regex

from bot.protocols import Publish

# A word with the space after it; text without spaces (Chinese, Japanese) goes in short groups of characters.
_PIECES = regex.compile(r"\s*[\p{Han}\p{Hiragana}\p{Katakana}]{1,4}|\s*[^\s\p{Han}\p{Hiragana}\p{Katakana}]+|\s+")


def publish_words(text: str, publish: Publish) -> None:
    """The published pieces joined are the text."""
    for piece in _PIECES.findall(text):
        publish(piece)
