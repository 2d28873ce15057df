"""The built-in embedder: a text is the sum of its tokens' vectors, made to length 1.

One vector a token, in 8 bits with a scale a row; how much a token matters is the length of its vector. Numpy and
the tokenizer serve it, without torch. A folder holds `config.json`, `vocabulary.txt` (a token a line, the first
for the unknown) and `vectors.npz`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from generation.errors import ModelUnusable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CHUNK = 128  # texts; keeps the gathered vectors in a few tens of megabytes
_FEW = 4  # texts; for so few the tokenizer's pool of threads costs more than it gives
_MAX_TOKENS = 512
_CONFIG, _VOCABULARY, _VECTORS = "config.json", "vocabulary.txt", "vectors.npz"


class StaticEmbedder:
    """Token vectors and their tokenizer; `vectors` is [tokens, dimensions], row 0 the unknown token's zeros."""

    def __init__(
        self, name: str, vocabulary: Sequence[str], vectors: NDArray[np.float32], languages: frozenset[str]
    ) -> None:
        self.name = name
        self.languages = languages
        self.dimensions = vectors.shape[1]
        self._vectors = vectors
        self._tokenizer = wordpiece(vocabulary)

    @classmethod
    def load(cls, folder: Path | str) -> StaticEmbedder:
        """Raises ModelUnusable when the folder does not hold a whole embedder."""
        folder = Path(folder)
        try:
            config = json.loads((folder / _CONFIG).read_text("utf-8"))
            vocabulary = (folder / _VOCABULARY).read_text("utf-8").split("\n")
            with np.load(folder / _VECTORS) as stored:
                vectors = stored["vectors"] * stored["scales"].astype(np.float32)[:, None]
            if vectors.shape != (len(vocabulary), config["dimensions"]):
                raise ValueError(f"{len(vocabulary)} tokens, but vectors of shape {vectors.shape}")
            return cls(config["name"], vocabulary, vectors, frozenset(config["languages"]))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelUnusable(f"{folder} holds no usable embedder: {error}.") from error

    def save(self, folder: Path | str) -> None:
        """Writes what `load` reads."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        scales = np.maximum(np.abs(self._vectors).max(axis=1) / 127, 1e-8)
        by_number = sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        config = {"name": self.name, "dimensions": self.dimensions, "languages": sorted(self.languages)}
        np.savez(
            folder / _VECTORS,
            vectors=np.rint(self._vectors / scales[:, None]).astype(np.int8),
            scales=scales.astype(np.float32),
        )
        (folder / _VOCABULARY).write_text("\n".join(token for token, _ in by_number), "utf-8")
        (folder / _CONFIG).write_text(json.dumps(config, indent=2) + "\n", "utf-8")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[N, dimensions], rows of length 1, or 0 for a text without known tokens. Blocking: call off the loop."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _CHUNK):
            for row, tokens in enumerate(self.tokens(texts[start : start + _CHUNK]), start):
                if tokens:
                    rows[row] = self._vectors[tokens].sum(axis=0)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: NDArray[np.float32] = np.divide(rows, lengths, out=rows, where=lengths > 0)
        return unit

    def tokens(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """The numbers of each text's known tokens, at most 512 of them."""
        if len(texts) <= _FEW:
            encodings = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        else:
            encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for encoding in encodings:
            yield [number for number in encoding.ids if number][:_MAX_TOKENS]


def wordpiece(vocabulary: Sequence[str]) -> Tokenizer:
    """BERT's way to cut: no case, no accents, each Chinese character alone, rare words in pieces (`##ing`)."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    numbers = {token: number for number, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token=vocabulary[0], max_input_chars_per_word=64))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer
