"""Text to lexical terms, the same way for passages and for questions.

Letters are compared after NFKC and case folding. Words of alphabetic scripts are stemmed by the Snowball
stemmer for English ("Porter2"), which leaves most words of other languages as they are. Chinese and Japanese
have no spaces: a run of their characters gives its characters and its pairs of neighbours, which needs no
dictionary and finds names that no dictionary has.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex
import snowballstemmer

_TOKEN = regex.compile(
    r"""
      (?P<run> [\p{Han}\p{Hiragana}\p{Katakana}]+ )
    | \p{N}+ (?: [.,:] \p{N}+ )+
    | [[\p{L}\p{M}\p{N}]--[\p{Han}\p{Hiragana}\p{Katakana}]]+ (?: ['’] [a-z]+ )?
    """,
    regex.VERBOSE | regex.VERSION1,
)
_ACCENT = regex.compile(r"(?<=\p{Latin})\p{Mn}+")
_POSSESSIVE = regex.compile(r"['’]s$|['’]")

_STOP_WORDS = """
a about am an and any are as at be been being but by can could did do does doing dont for from had has have he
her him his how i id if ill im in into is isnt it its ive just let lets like me my no not of off on or our please
she should so some than thank thanks that the their them then there these they this those to too up us was we
were what when where which while who whom why will with would yes you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
STOP_CHARACTERS = frozenset("的了吗呢吧啊呀哦嗯么是在我你您他她它们和与也都就这那个请")


def terms(text: str) -> list[str]:
    """The terms of a text in their order; stop words are left out."""
    found: list[str] = []
    for match in _TOKEN.finditer(fold(text)):
        if match["run"] is None:
            stem = _stem(match[0])
            if stem:
                found.append(stem)
        else:
            found.extend(_characters_and_pairs(match[0]))
    return found


def fold(text: str) -> str:
    """The text in NFKC, without case and without the accents of Latin letters ("Café" is "cafe")."""
    return unicodedata.normalize("NFKC", _ACCENT.sub("", unicodedata.normalize("NFKD", text))).casefold()


def _characters_and_pairs(run: str) -> list[str]:
    """Characters that say something, and all pairs but those of two characters that do not."""
    kept = [character not in STOP_CHARACTERS for character in run]
    characters = [character for character, keep in zip(run, kept, strict=True) if keep]
    pairs = [run[i : i + 2] for i in range(len(run) - 1) if kept[i] or kept[i + 1]]
    return characters + pairs


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """The stem of a folded word, empty for a stop word."""
    word = _POSSESSIVE.sub("", word)
    if word in STOP_WORDS:
        return ""
    stem: str = snowballstemmer.stemmer("english").stemWord(word)
    return stem
