"""A sentence-transformers model in the built-in embedder's place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.errors import ModelUnusable

_ALL_LANGUAGES = frozenset({"en", "zh", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "ko", "ar", "tr"})


class SentenceTransformerEmbedder:
    """Encodes with a model of the hub, by its name, or of a folder.

    `languages` are those it takes part in; a model for one language only should be given just that one.
    """

    def __init__(self, model: str, languages: frozenset[str] = _ALL_LANGUAGES, device: str | None = None) -> None:
        """Raises ModelUnusable when the package is not installed or the model cannot be loaded."""
        self.name = model
        self.languages = languages
        self._model = _load(model, device)
        self.dimensions = int(self._model.encode([""]).shape[1])  # the method that tells it changed its name

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[N, dimensions], rows of length 1. Blocking: call off the loop."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self._model.encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def _load(model: str, device: str | None) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise ModelUnusable(
            f"The embedder {model!r} needs the package sentence-transformers: "
            "pip install 'parley-bot[sentence-transformers]', or set knowledge.embedder to 'builtin'."
        ) from None
    try:
        return SentenceTransformer(model, device=device)
    except Exception as error:  # the package raises whatever its parts raise: OSError, ValueError, hub errors
        raise ModelUnusable(
            f"The embedder {model!r} cannot be loaded: {type(error).__name__}: {error}. "
            "Give a sentence-transformers folder or a name of the hub (first use needs the network)."
        ) from error
