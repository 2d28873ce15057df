"""A mixture gives latents like those that it was fitted to, shifted by tags as theirs were."""

from __future__ import annotations

import numpy
import pytest
import torch
from numpy.typing import NDArray

from generation.images.mixture import GaussianMixture

ROWS = numpy.eye(2, dtype=numpy.float32)[numpy.arange(4000) % 2]


def latents() -> NDArray[numpy.float32]:
    """Two clouds at ±5 along the first axis, correlated along the others, where the second tag adds 3 on the last."""
    chance = numpy.random.default_rng(1)
    spread = chance.normal(size=(4000, 3)) @ numpy.array([[1, 0, 0], [0, 1, 0.8], [0, 0, 0.6]])
    spread[:, 0] += chance.choice([-5, 5], 4000)
    spread[:, 2] += 3 * ROWS[:, 1]
    return numpy.asarray(spread, numpy.float32)


def drawn(mixture: GaussianMixture, row: list[float], count: int = 3000) -> torch.Tensor:
    chance = torch.Generator().manual_seed(1)
    return torch.stack([mixture.sample(torch.tensor(row), chance) for _ in range(count)])


def test_samples_have_the_moments_of_the_latents_with_the_same_tag() -> None:
    known = torch.from_numpy(latents())
    mixture = GaussianMixture.fit(known.numpy(), ROWS, components=2, seed=1)
    for tag in (0, 1):
        own, samples = known[ROWS[:, tag] == 1], drawn(mixture, ROWS[tag].tolist())
        assert torch.allclose(samples.mean(0), own.mean(0), atol=0.3)
        assert torch.allclose(samples.T.cov(), own.T.cov(), atol=0.6)
        assert (samples[:, 0].abs() > 1.5).float().mean() > 0.98  # nothing between the two clouds


def test_few_latents_are_fitted_with_fewer_components() -> None:
    mixture = GaussianMixture.fit(latents()[:10], ROWS[:10], components=10, seed=1)
    assert len(mixture.weights) == 1
    assert torch.isfinite(drawn(mixture, [0.0, 1.0], 10)).all()


def test_a_mixture_survives_storage() -> None:
    mixture = GaussianMixture.fit(latents()[:100], ROWS[:100], components=2, seed=1)
    again = GaussianMixture.from_tensors(mixture.tensors())
    assert torch.equal(drawn(again, [1.0, 0.0], 3), drawn(mixture, [1.0, 0.0], 3))
    with pytest.raises(KeyError, match="shifts"):
        GaussianMixture.from_tensors({name: part for name, part in mixture.tensors().items() if "shifts" not in name})
