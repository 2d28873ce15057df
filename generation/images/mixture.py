"""A mixture of Gaussians fitted to the posterior means of an autoencoder, to draw latents from.

Ghosh et al., 2020, "From variational to deterministic autoencoders", section 4 (ex-post density estimation): the
latents of real pictures do not fill N(0, I) evenly, so drawing from where they lie gives better pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor

RIDGE = 1e-3  # added to the variances, for sets with fewer pictures than a full covariance needs
LEAST = 1e-6


@dataclass(frozen=True)
class GaussianMixture:
    """Weights [K], means [K, D], lower triangular factors L [K, D, D] of the covariances L·Lᵀ, and for each tag how the
    pictures with it are spread over the components, [tags, K]."""

    weights: Tensor
    means: Tensor
    factors: Tensor
    tag_weights: Tensor

    @classmethod
    def fit(
        cls, latents: NDArray[numpy.float32], rows: NDArray[numpy.float32], components: int, seed: int
    ) -> GaussianMixture:
        """To latents [N, D] of pictures with tag rows [N, tags]; fewer components for few pictures."""
        from sklearn.mixture import GaussianMixture as Estimator

        components = max(1, min(components, len(latents) // (2 * latents.shape[1])))
        estimator = Estimator(components, reg_covar=RIDGE, random_state=seed).fit(latents.astype(numpy.float64))
        responsibilities = estimator.predict_proba(latents.astype(numpy.float64))  # [N, K]
        tag_weights = (rows.T @ responsibilities + LEAST) / (rows.sum(0)[:, None] + components * LEAST)
        factors = numpy.linalg.cholesky(estimator.covariances_)
        parts = (estimator.weights_, estimator.means_, factors, tag_weights)
        return cls(*(torch.from_numpy(numpy.asarray(part, numpy.float32)) for part in parts))

    def sample(self, tags: Tensor, chance: torch.Generator) -> Tensor:
        """One latent [D] for a picture with the tag row [tags]."""
        component = int(torch.multinomial(self.component_weights(tags), 1, generator=chance))
        noise = torch.randn(self.means.shape[1], generator=chance)
        return self.means[component] + self.factors[component] @ noise

    def component_weights(self, tags: Tensor) -> Tensor:
        """P(component | tags) [K] ∝ P(component) · Π P(component | tag) / P(component), as if tags were independent."""
        logs = self.weights.log() + tags @ (self.tag_weights.log() - self.weights.log())
        return logs.softmax(0)

    def tensors(self) -> dict[str, Tensor]:
        return {f"mixture.{name}": getattr(self, name) for name in ("weights", "means", "factors", "tag_weights")}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> GaussianMixture:
        """Raises KeyError when one is missing."""
        names = ("weights", "means", "factors", "tag_weights")
        return cls(*(tensors[f"mixture.{name}"].float() for name in names))
