from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from generation.embedding import SentenceTransformerEmbedder
from generation.embedding.static import wordpiece
from generation.errors import ModelUnusable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sentence-transformers model of four tokens, written by that library itself."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    weights = np.array([[0, 0, 1], [3, 0, 0], [0, 4, 0], [1, 1, 0]], dtype=np.float32)
    module = StaticEmbedding(wordpiece(["[UNK]", "ship", "##ping", "parcel"]), embedding_weights=weights)
    SentenceTransformer(modules=[module], device="cpu").save(str(tmp_path / "model"))
    return tmp_path / "model"


def test_a_folder_takes_the_builtin_embedders_place(folder: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(folder))
    rows = embedder.encode(["shipping", "parcel"])

    assert embedder.name == str(folder)
    assert embedder.dimensions == 3
    assert rows.dtype == np.float32
    assert rows == pytest.approx(np.array([[0.6, 0.8, 0], [0.5**0.5, 0.5**0.5, 0]]), abs=1e-6)
    assert embedder.encode([]).shape == (0, 3)


def test_a_missing_package_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(ModelUnusable, match=r"parley-bot\[sentence-transformers\]"):
        SentenceTransformerEmbedder("all-MiniLM-L6-v2")


def test_a_folder_without_a_model_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=str(tmp_path)):
        SentenceTransformerEmbedder(str(tmp_path))
