"""A message as the rules read it: sentences, without what others are quoted with, and signs that nothing is meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

LONGEST = 2000
"""Characters of a message that are read: nobody tells who they are on page two."""
LONGEST_SENTENCE = 300
"""Longer ones are read in pieces, so that what a rule may try stays bounded."""
REPORT_CHARACTERS = 80
"""So far before a quotation may stand who said it."""
BLANK = "\ufffc"
"""Stands for each character of another person's words, so that all places stay as they are."""

_QUOTED = regex.compile(
    r"“[^”\n]*”|\"[^\"\n]*\"|«[^»\n]*»|„[^“”\n]*[“”]|「[^」\n]*」|『[^』\n]*』"
    r"|(?<!\w)['‘][^'’\n]{1,200}(?:['’]\w+[^'’\n]{0,80}){0,4}['’](?!\w)"
)
_FIRST_PERSON = regex.compile(r"\b(?:i|i['’]m|i['’]ve|my|me|mine|we|our)\b|我", regex.IGNORECASE)
_REPORTING = regex.compile(
    r"\b(?:says?|said|writes?|wrote|written|reads?|told|sings?|asks?|asked|quotes?|example|translates?)\b[^.!?\n]*$"
    r"|[说写道问读讲唱][^。！？\n]*$",
    regex.IGNORECASE,
)
_FORWARDED = regex.compile(r"^[>|].*$", regex.MULTILINE)
_SENTENCE = regex.compile(
    r"(?:[^.!?。！？；\n]|\.(?!\s|$)|(?<=\b(?:Mr|Mrs|Ms|Dr|Prof|St|no|nr|tel|approx))\.)+(?P<end>[.!?。！？；]*)",
    regex.IGNORECASE,
)
_NOT_MEANT = regex.compile(
    r"\b(?:just|only) (?:kidding|joking)\b|\bjoking\b|\bjk\b|\b(?:lo+l|rofl|lmao)\b|\b(?:ha){2,}h?\b|\bhehe\b"
    r"|[😂🤣😜😝]|哈哈|呵呵|嘻嘻|开玩笑|逗你|说笑|骗你的",
    regex.IGNORECASE,
)
_INVENTED = regex.compile(
    r"\btranslat(?:e|ion)\b|\b(?:write|tell|make up)\b.{0,12}\b(?:story|poem|song|joke|review|dialogue)\b|\bpretend\b"
    r"|\brole-?play|翻译|写一?[个首篇段]|讲一?个(?:故事|笑话)|假装|扮演",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Its words and where they begin in the message."""

    text: str
    start: int
    is_question: bool


def is_invented(text: str) -> bool:
    """Whether the message asks for something made up, or for a translation: nothing in it is a fact."""
    return _INVENTED.search(text) is not None


def is_in_jest(text: str) -> bool:
    """Whether the writer says that they do not mean it."""
    return _NOT_MEANT.search(text) is not None


def without_quotations(text: str) -> str:
    """The text with other people's words blanked out, character by character.

    A quotation is somebody's words when it speaks in the first person, or when words of saying stand before it; a
    quoted name of a product is not.
    """
    text = _FORWARDED.sub(_blank, text)
    return _QUOTED.sub(lambda found: _blank(found) if _is_speech(found, text) else found[0], text)


def sentences(text: str) -> Iterator[Sentence]:
    """Sentences and lines, with their places."""
    for found in _SENTENCE.finditer(text):
        is_question = found["end"][-1:] in ("?", "？")
        for start in range(found.start(), found.end(), LONGEST_SENTENCE):
            yield Sentence(text[start : min(start + LONGEST_SENTENCE, found.end())], start, is_question)


def _is_speech(found: regex.Match[str], text: str) -> bool:
    before = text[max(0, found.start() - REPORT_CHARACTERS) : found.start()]
    return bool(_FIRST_PERSON.search(found[0]) or _REPORTING.search(before))


def _blank(found: regex.Match[str]) -> str:
    return BLANK * len(found[0])
