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

PICTURES_A_LATENT = 5  # for each component, since a full covariance of fewer fits chance
RIDGE = 1e-3  # added to the variances, for sets with fewer pictures than a full covariance needs
PRIOR_PICTURES = 4.0  # as many pictures without any shift are imagined for each tag, so that rare tags shift little

Numbers = NDArray[numpy.float32]


@dataclass(frozen=True)
class GaussianMixture:
    """Weights [K], means [K, D], lower triangular factors L [K, D, D] of the covariances L·Lᵀ, and by how much each tag
    shifts the latents, [tags, D]."""

    weights: Tensor
    means: Tensor
    factors: Tensor
    shifts: Tensor

    @classmethod
    def fit(cls, latents: Numbers, rows: Numbers, components: int, seed: int) -> GaussianMixture:
        """To latents [N, D] of pictures with tag rows [N, tags]; fewer components for few pictures.

        The shifts are the linear regression of the latents on the tags; the mixture is what is left without them.
        """
        from sklearn.mixture import GaussianMixture as Estimator

        components = max(1, min(components, len(latents) // (PICTURES_A_LATENT * latents.shape[1])))
        shifts = _regression(rows.astype(numpy.float64), latents.astype(numpy.float64))
        estimator = Estimator(components, reg_covar=RIDGE, random_state=seed).fit(latents - rows @ shifts)
        factors = numpy.linalg.cholesky(estimator.covariances_)
        parts = (estimator.weights_, estimator.means_, factors, shifts)
        return cls(*(torch.from_numpy(numpy.asarray(part, numpy.float32)) for part in parts))

    def sample(self, tags: Tensor, chance: torch.Generator) -> Tensor:
        """One latent [D] for a picture with the tag row [tags]."""
        component = int(torch.multinomial(self.weights, 1, generator=chance))
        noise = torch.randn(self.means.shape[1], generator=chance)
        return tags @ self.shifts + self.means[component] + self.factors[component] @ noise

    def tensors(self) -> dict[str, Tensor]:
        return {f"mixture.{name}": getattr(self, name) for name in ("weights", "means", "factors", "shifts")}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> GaussianMixture:
        """Raises KeyError when one is missing."""
        names = ("weights", "means", "factors", "shifts")
        return cls(*(tensors[f"mixture.{name}"].float() for name in names))


def _regression(rows: NDArray[numpy.float64], latents: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
    """Ridge regression of latents [N, D] on rows [N, tags], both about their means: [tags, D]."""
    known, wanted = rows - rows.mean(0), latents - latents.mean(0)
    ridge = PRIOR_PICTURES * numpy.eye(rows.shape[1])
    return numpy.asarray(numpy.linalg.solve(known.T @ known + ridge, known.T @ wanted), numpy.float64)
