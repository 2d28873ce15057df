"""Which tokens get a vector: the teacher's pieces, frequent words of the field, and Chinese characters.

The teacher knows no Chinese. A Chinese character is described to it by its English definition in the Unicode Han
database (`kDefinition`), which puts Chinese and English into one space.
"""

from __future__ import annotations

import bz2
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from generation.errors import ModelUnusable

UNKNOWN = "[UNK]"
_PIECE = re.compile(r"(##)?[a-z0-9]+|[%$&€£+@#]")
_WORD = re.compile(r"[a-z]{3,}")
_ASIDE = re.compile(r"\([^)]*\)|Kangxi radical \d+", re.IGNORECASE)


def pieces(tokens: Iterable[str]) -> list[str]:
    """The tokens that are written in Latin letters, digits and signs of money and shares."""
    return [token for token in tokens if _PIECE.fullmatch(token)]


def frequent_words(texts: Iterable[str], known: Iterable[str], texts_at_least: int = 12) -> list[str]:
    """Words that are not known and stand in many texts, the most frequent first."""
    counts = Counter(word for text in texts for word in dict.fromkeys(_WORD.findall(text.lower())))
    known = set(known)
    return [word for word, count in counts.most_common() if count >= texts_at_least and word not in known]


def chinese_definitions(readings: Path) -> dict[str, str]:
    """Simplified characters (those of GB 2312) and their English definitions.

    `readings` is Unihan_Readings.txt.bz2, Unihan_Variants.txt.bz2 lies beside it (Debian: package unicode-data).
    """
    try:
        definitions = {character: text for character, key, text in _unihan(readings) if key == "kDefinition"}
        traditional = {
            character: [_character(code.split("<")[0]) for code in codes.split()]
            for character, key, codes in _unihan(readings.with_name("Unihan_Variants.txt.bz2"))
            if key == "kTraditionalVariant"
        }
    except OSError as error:
        raise ModelUnusable(
            f"The Unicode Han database is not there ({error}): apt-get install unicode-data, or give --unihan FILE."
        ) from None
    described = {}
    for character in _simplified():
        names = [character, *traditional.get(character, ())]
        text = "; ".join(dict.fromkeys(definitions[name] for name in names if name in definitions))
        if text:
            described[character] = _ASIDE.sub("", text)[:200]
    return described


def _unihan(path: Path) -> Iterator[tuple[str, str, str]]:
    with bz2.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3:
                yield _character(fields[0]), fields[1], fields[2]


def _character(code: str) -> str:
    return chr(int(code.removeprefix("U+"), 16))


def _simplified() -> Iterator[str]:
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            character = bytes((high, low)).decode("gb2312", "ignore")
            if character:
                yield character
