"""Texts as hashed word and character n-grams: no vocabulary to ship, and no word is unknown.

Weinberger et al. 2009, "Feature hashing for large scale multitask learning", without signs.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import regex

if TYPE_CHECKING:
    from numpy.typing import NDArray

_READ_CHARACTERS = 600
_CHARACTERS = range(2, 6)
_TOKEN = regex.compile(r"\p{Han}|\p{Hiragana}|\p{Katakana}|\p{L}[\p{L}\p{M}'’]*|\p{N}+|[^\s\p{L}\p{N}\p{C}\p{M}]")
_REPEATED = regex.compile(r"(.)\1{2,}")


def tokens(text: str) -> list[str]:
    """Lower-case words, single ideographs, numbers as one `0` a digit, and symbols; the first 600 characters only."""
    plain = unicodedata.normalize("NFKC", text[:_READ_CHARACTERS]).lower()
    plain = regex.sub(r"\p{N}", "0", _REPEATED.sub(r"\1\1", plain))
    return _TOKEN.findall(plain)


def hashed(text: str, buckets: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Buckets and weights of a text's n-grams, [F] each: sublinear counts, words and characters of length 1 each."""
    words = tokens(text)
    views = (_weighted(_word_ngrams(words), buckets), _weighted(_character_ngrams(words), buckets))
    return np.concatenate([view[0] for view in views]), np.concatenate([view[1] for view in views])


def matrix(texts: Sequence[str], buckets: int) -> Any:
    """The same for many texts, as a sparse matrix [texts, buckets] of scipy."""
    from scipy.sparse import csr_matrix

    rows = [hashed(text, buckets) for text in texts]
    offsets = np.cumsum([0, *(len(indices) for indices, _ in rows)])
    indices = np.concatenate([indices for indices, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, indices, offsets), shape=(len(rows), buckets))


def _weighted(ngrams: Iterator[str], buckets: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    counts = Counter(zlib.crc32(ngram.encode()) % buckets for ngram in ngrams)
    weights = 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
    norm = float(np.sqrt(weights @ weights)) or 1.0
    return np.fromiter(counts, np.int64, len(counts)), (weights / norm).astype(np.float32)


def _word_ngrams(words: list[str]) -> Iterator[str]:
    """Words, pairs and triples, with the text's ends marked: "good" alone is not the "good" of "good shoes"."""
    framed = ["<", *words, ">"]
    for size in (1, 2, 3):
        for start in range(len(framed) - size + 1):
            yield "w " + " ".join(framed[start : start + size])


def _character_ngrams(words: list[str]) -> Iterator[str]:
    for word in words:
        framed = f" {word} "
        for size in _CHARACTERS:
            for start in range(len(framed) - size + 1):
                yield "c " + framed[start : start + size]
