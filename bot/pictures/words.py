"""From a customer's words to the tags of a picture model, and which words are no use to it.

A generator knows the tags that it was trained with and nothing else, so a word is a tag's own name, a synonym of it, or
so near to it by the bot's embedder that it must mean the same; whatever else was asked for is named, not ignored.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import regex
import snowballstemmer

from bot.knowledge.analysis import STOP_CHARACTERS, STOP_WORDS, fold
from bot.protocols import Embedder

SYNONYMS = Path(__file__).with_name("synonyms.toml")
NEAR_ENOUGH = 0.55
"""Cosine from which the built-in embedder's nearest tag is meant: gown and dress have .66, turquoise and purple .52."""
LONGEST = 3
"""Words of a term."""
STEMMERS = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
HAN = "zh"

_WORD = regex.compile(r"\p{Han}+|[[\p{L}\p{M}\p{N}]--[\p{Han}]]+", regex.VERSION1)
_CHINESE_FILLERS = regex.compile(
    r"[一两二三四几]?[张幅个件条双只顶款套些]|图片|照片|图像|图画|图|画出来|画|帮忙|帮|给|一下|好看|可以|能|要|想|看|做|生成|绘制"
)
_FILLERS = {
    "en": "another color colour colored coloured create creating draw drawing generate illustration image images made "
    "make more one pair pairs paint painting photo picture pictures piece show sketch something want wearing couple "
    "two three four",
    "de": "bild bilder bitte das dem den der des die ein eine einem einen einer eines erstelle erzeuge foto generiere "
    "gib ich in zwei drei vier mach male mal mir mit paar und uns von zeichne zeichnung farbe",
    "fr": "avec crée d de des dessin dessine du en et fais génère image images je l la le les moi paire photo pour s "
    "un une deux trois quatre veux voudrais plaît te il couleur",
    "es": "con crea de del dibuja dibújame dibujo el en favor foto genera haz hazme imagen imágenes la las los me par "
    "pinta por quiero dos tres cuatro un una unas unos y color",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """The tags that are meant, in the order of the words, and the words that mean none."""

    tags: tuple[str, ...]
    unused: tuple[str, ...]


class TagFinder:
    """Finds tags in words; blocking for a millisecond or so."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def understood(self, text: str, tags: Sequence[str], language: str) -> Understood:
        """The tags in a text that is in `language` or in English."""
        terms = _terms(tuple(tags))
        found: list[str] = []
        rest: list[str] = []
        for part in _parts(fold(text).replace("t恤", "短袖")):
            used, unused = _in_chinese(part, terms) if isinstance(part, str) else _in_words(part, terms, language)
            found += used
            rest += unused
        near = self._nearest(rest, tags)
        chosen = dict.fromkeys([*found, *near.values()])
        return Understood(tuple(chosen), tuple(dict.fromkeys(word for word in rest if word not in near)))

    def named(self, tag: str, language: str) -> str:
        """The tag in a word of the language, or as it is."""
        stems = _stems(fold(tag), "en")
        for group in _groups():
            if (
                language in group
                and language != "en"
                and stems in {_stems(fold(name), "en") for name in group["en"][:1]}
            ):
                return group[language][0]
        return tag

    def _nearest(self, words: Sequence[str], tags: Sequence[str]) -> dict[str, str]:
        """The tag of each word that has one near enough, where the embedder knows the language."""
        asked = [word for word in dict.fromkeys(words) if word.isascii()]
        if not asked or not tags or "en" not in self._embedder.languages:
            return {}
        likeness = self._embedder.encode(asked) @ self._embedder.encode([fold(tag) for tag in tags]).T
        best = likeness.argmax(1)
        return {
            word: tags[place]
            for word, place, row in zip(asked, best, likeness, strict=True)
            if row[place] >= NEAR_ENOUGH
        }


Terms = Mapping[tuple[str, str], str]
"""The tag of a term by its language and its stems, or its characters in Chinese."""


@cache
def _terms(tags: tuple[str, ...]) -> Terms:
    """A tag's own name wins over a synonym, and a synonym of an earlier tag over that of a later one."""
    terms: dict[tuple[str, str], str] = {}
    for tag in tags:
        for language in (*STEMMERS, HAN):
            terms.setdefault(_term(tag, language), tag)
    by_name = {_stems(fold(tag), "en"): tag for tag in tags}
    for group in _groups():
        tag = next((by_name[stems] for name in group["en"] if (stems := _stems(fold(name), "en")) in by_name), "")
        for language, names in group.items() if tag else ():
            for name in names:
                terms.setdefault(_term(name, language), tag)
    return terms


def _term(name: str, language: str) -> tuple[str, str]:
    return language, fold(name) if language == HAN else _stems(fold(name), language)


@cache
def _groups() -> list[dict[str, list[str]]]:
    groups: list[dict[str, list[str]]] = tomllib.loads(SYNONYMS.read_text("utf-8"))["group"]
    return groups


def _parts(text: str) -> Iterator[str | list[str]]:
    """Runs of Chinese characters as they are, and the words of other scripts between them as lists."""
    words: list[str] = []
    for token in _WORD.findall(text):
        if regex.search(r"\p{Han}", token):
            if words:
                yield words
            words = []
            yield token
        else:
            words.append(token)
    if words:
        yield words


def _in_words(words: Sequence[str], terms: Terms, language: str) -> tuple[list[str], list[str]]:
    """Tags and unused words; longer terms are looked for first."""
    found: list[str] = []
    unused: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(LONGEST, len(words) - place), 0, -1):
            if tag := _tag(" ".join(words[place : place + length]), terms, language):
                found.append(tag)
                break
        else:
            length = 1
            if not _is_filler(words[place], language):
                unused.append(words[place])
        place += length
    return found, unused


def _tag(words: str, terms: Terms, language: str) -> str:
    for each in dict.fromkeys((language, "en")):
        if each in STEMMERS and (tag := terms.get((each, _stems(words, each)))):
            return tag
    return ""


def _in_chinese(run: str, terms: Terms) -> tuple[list[str], list[str]]:
    found: list[str] = []
    rest = ""
    place = 0
    longest = max((len(term) for language, term in terms if language == HAN), default=1)
    while place < len(run):
        for length in range(min(longest, len(run) - place), 0, -1):
            if tag := terms.get((HAN, run[place : place + length])):
                found.append(tag)
                rest += " "
                place += length
                break
        else:
            rest += run[place]
            place += 1
    kept = _CHINESE_FILLERS.sub(" ", rest)
    return found, "".join(" " if character in STOP_CHARACTERS else character for character in kept).split()


def _is_filler(word: str, language: str) -> bool:
    return word.isdigit() or len(word) < 2 or any(word in _ignored(each) for each in {language, "en"})


@cache
def _ignored(language: str) -> frozenset[str]:
    own = frozenset(fold(word) for word in _FILLERS.get(language, "").split())
    return own | STOP_WORDS if language == "en" else own


@lru_cache(maxsize=10_000)
def _stems(words: str, language: str) -> str:
    stemmer = snowballstemmer.stemmer(STEMMERS[language])
    return " ".join(stemmer.stemWord(word) for word in _WORD.findall(words))
