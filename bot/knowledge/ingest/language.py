"""The language of passages: by their script, and for Latin letters by the small words of the whole document.

A document has enough of these words to be sure, where a chat message would need a model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import regex

from bot.routing.language import detect

_SMALL_WORDS = {
    "en": "the of and to is in that for with are you your this from not be or by we our have can",
    "de": "der die das und ist nicht mit von für auf den dem ein eine sie wir oder werden zu im bei ihre",
    "fr": "le la les des et est une dans pour vous pas avec sur nous votre au du que sont ou",
    "es": "el los las una y es para con por que del en se su no sus más como al si",
    "it": "il di che è per non una con sono gli della nel più dei le del la da si",
    "pt": "o os as uma não para com por que do da em são mais dos ao você se ou no",
    "nl": "de het een en van is niet met voor op zijn wij uw te of bij aan dat worden u",
    "pl": "i w nie na się z do jest to że od przez lub po za oraz jak są o dla",
    "sv": "och att det som en är på för med av inte vi till har den ett om du kan din",
    "tr": "ve bir bu için ile da de olarak daha çok en olan gibi ne kadar veya değil var her sonra",
}
_VOCABULARIES = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}

_READ_CHARACTERS = 20_000
_LATIN = regex.compile(r"\p{Latin}")
_OTHER_SCRIPTS = regex.compile(r"[\p{L}--\p{Latin}]", regex.VERSION1)
_DIGITS = regex.compile(r"\p{N}+")
_OTHER_WEIGHT = 3
"""A Chinese character says as much as about three letters."""


def languages(texts: Sequence[str]) -> list[str]:
    """The language (ISO 639-1) of each passage of one document."""
    latin = _latin_language(" ".join(text for text in texts if not _is_other_script(text)))
    return [detect(_DIGITS.sub(" ", text), latin) if _is_other_script(text) else latin for text in texts]


def _is_other_script(text: str) -> bool:
    return _OTHER_WEIGHT * len(_OTHER_SCRIPTS.findall(text)) > len(_LATIN.findall(text))


def _latin_language(text: str) -> str:
    counts = Counter(regex.findall(r"\p{L}+", text[:_READ_CHARACTERS].lower()))
    known = {language: sum(counts[word] for word in words) for language, words in _VOCABULARIES.items()}
    return max(known, key=lambda language: known[language])
