"""A small linear classifier over hashed n-grams: plain numbers on disk, numpy alone to use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.errors import ModelError
from bot.routing.ngrams import hashed, matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class LinearClassifier:
    """Multinomial logistic regression: `weights` [buckets, labels] in int8 steps of `scale`, and `bias` [labels]."""

    labels: tuple[str, ...]
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, text: str) -> dict[str, float]:
        """Label to probability."""
        indices, values = hashed(text, len(self.weights))
        logits = values @ self.weights[indices].astype(np.float32) * self.scale + self.bias
        exponentials = np.exp((logits - logits.max()).astype(np.float64))
        return dict(zip(self.labels, (exponentials / exponentials.sum()).tolist(), strict=True))

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        importance: Sequence[float] | None = None,
        buckets: int = 1 << 16,
        regularization: float = 20.0,
    ) -> LinearClassifier:
        """Learns from labelled texts; `regularization` is scikit-learn's C, `importance` the weight of each text."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=regularization, max_iter=500)
        model.fit(matrix(texts, buckets), list(labels), sample_weight=importance)
        weights = model.coef_.T.astype(np.float32)
        scale = np.abs(weights).max(axis=0) / 127
        return cls(
            tuple(map(str, model.classes_)),
            np.round(weights / scale).astype(np.int8),
            scale.astype(np.float32),
            model.intercept_.astype(np.float32),
        )

    def save(self, path: Path) -> None:
        np.savez_compressed(path, labels=np.array(self.labels), weights=self.weights, scale=self.scale, bias=self.bias)

    @classmethod
    def load(cls, path: Path) -> LinearClassifier:
        """Raises ModelError when the file is missing or is not a classifier."""
        try:
            with np.load(path, allow_pickle=False) as file:
                labels = tuple(map(str, file["labels"]))
                return cls(labels, file["weights"], file["scale"], file["bias"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"The router's weights {path} cannot be read ({error}); install Parley again.") from None
