"""Texts as the patterns read them: the same length, with ASCII digits, dashes, spaces and @ signs."""

from __future__ import annotations

import unicodedata

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63\uff0d"
SPACES = "\u00a0\u2007\u2009\u202f\u3000\t"
FULL_WIDTH = {"＠": "@", "．": ".", "＋": "+", "（": "(", "）": ")", "／": "/", "＃": "#"}
SIGNS = {**dict.fromkeys(DASHES, "-"), **dict.fromkeys(SPACES, " "), **FULL_WIDTH}


def plain(text: str) -> str:
    """Each character becomes one character, so that a place in the result is the same place in the text."""
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character in SIGNS:
        return SIGNS[character]
    if "\uff21" <= character <= "\uff5a":
        return unicodedata.normalize("NFKC", character)
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
