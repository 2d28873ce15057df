"""The operators' own list of words and phrases that neither side may say."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import regex

from bot.errors import SettingsError

HIDDEN = regex.compile(r"(?<=\b\w)[\s._*\-]+(?=\w\b)")
"""Signs between single letters: `b a d` is `bad`."""
COMMENT = "#"


class WordList:
    """Finds whole words; where a writing sets no spaces between words, anywhere."""

    def __init__(self, words: Iterable[str]) -> None:
        forms = sorted({_plain(word) for word in words if word.strip()}, key=len, reverse=True)
        edged = [rf"(?<!\w){regex.escape(form)}(?!\w)" if form.isascii() else regex.escape(form) for form in forms]
        self._pattern = regex.compile("|".join(edged)) if edged else None

    @classmethod
    def read(cls, path: Path) -> WordList:
        """One word or phrase a line; lines that begin with # are comments. Raises SettingsError."""
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"moderation.words: {path} cannot be read ({error}).") from None
        return cls(line.strip() for line in lines if not line.startswith(COMMENT))

    def found(self, text: str) -> bool:
        """Whether one of them is in the text, in whatever case, width or accents."""
        plain = _plain(text)
        return bool(self._pattern and (self._pattern.search(plain) or self._pattern.search(HIDDEN.sub("", plain))))


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = (sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf"))
    return " ".join("".join(kept).split())
