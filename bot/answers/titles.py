"""What to offer where there is no answer: the titles of the passages that came nearest to one."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from bot.messages import Passage, Query

_HAN = regex.compile(r"\p{Han}")
_STEP = regex.compile(r"\s+[›>]\s+")
_WORD = regex.compile(r"\p{Han}{2}|[^\s\p{P}\p{Han}]+")
_LEAST_WORDS = 2


def nearest(query: Query, passages: Sequence[Passage], count: int) -> tuple[str, ...]:
    """At most `count` different titles of passages that are best first; in the query's language where any are."""
    titled = [passage for passage in passages if passage.title]
    own = [passage for passage in titled if _is_in_language(passage, query)]
    return tuple(dict.fromkeys(short_title(passage.title) for passage in own or titled))[:count]


def short_title(title: str) -> str:
    """The last part of a path of headings, where it says enough alone: two words, or four Chinese characters."""
    last = _STEP.split(title)[-1]
    return last if len(_WORD.findall(last)) >= _LEAST_WORDS else title


def _is_in_language(passage: Passage, query: Query) -> bool:
    """By the languages that are known, else by whether both are written in Chinese characters or both are not."""
    if query.language and passage.language:
        return query.language == passage.language
    return bool(_HAN.search(query.text)) == bool(_HAN.search(passage.title))
