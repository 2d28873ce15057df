"""How near generated pictures are to real ones, from the features that a frozen classifier gives them.

Features are [N, D]; "real" are pictures of the training set. Every function is pure.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

NEIGHBOURS = 5
COPY_QUANTILE = 0.01
KERNEL_SUBSETS = 50
KERNEL_SUBSET = 500

Numbers = NDArray[np.float32]


class _Known(nn.Identity):
    """A feature extractor for features that are known already."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.num_features = width


def frechet_distance(real: Numbers, generated: Numbers) -> float:
    """FID = |μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2(Σ₁Σ₂)^½) (Heusel et al., 2017, "GANs trained by a two time-scale update rule").

    Fewer pictures make it larger: compare only figures of as many. NaN for fewer than two pictures.
    """
    if min(len(real), len(generated)) < 2:
        return math.nan
    metric = FrechetInceptionDistance(_Known(real.shape[1]))
    metric.update(torch.from_numpy(real), real=True)
    metric.update(torch.from_numpy(generated), real=False)
    return max(float(metric.compute()), 0.0)


def kernel_distance(real: Numbers, generated: Numbers) -> float:
    """KID, the squared maximum mean discrepancy under (x·y/D + 1)³, which has no bias at any number of pictures
    (Bińkowski et al., 2018, "Demystifying MMD GANs"). The mean over random subsets, the same ones each time."""
    size = min(len(real), len(generated), KERNEL_SUBSET)
    if size < 2:
        return math.nan
    with warnings.catch_warnings(), torch.random.fork_rng():
        warnings.filterwarnings("ignore", "Metric `Kernel Inception Distance` will save all")
        torch.manual_seed(0)
        metric = KernelInceptionDistance(_Known(real.shape[1]), subsets=KERNEL_SUBSETS, subset_size=size)
        metric.update(torch.from_numpy(real), real=True)
        metric.update(torch.from_numpy(generated), real=False)
        mean, _ = metric.compute()
    return float(mean)


def density_and_coverage(real: Numbers, generated: Numbers, neighbours: int = NEIGHBOURS) -> tuple[float, float]:
    """(density, coverage) of Naeem et al., 2020, "Reliable fidelity and diversity metrics for generative models".

    Around each real picture lies a ball that reaches to its k-th nearest real neighbour. Density is the mean number of
    balls that a generated picture lies in, divided by k (real pictures have about 1); coverage is the share of balls
    with a generated picture in them. NaN with too few real pictures for k neighbours.
    """
    if len(real) <= neighbours or not len(generated):
        return math.nan, math.nan
    radii = _distances(real, real).kthvalue(neighbours + 1, dim=1).values  # the nearest one is the picture itself
    inside = _distances(real, generated) < radii[:, None]
    return float(inside.sum(0).double().mean() / neighbours), float(inside.any(1).double().mean())


@dataclass(frozen=True)
class Nearest:
    """For each picture the number of the nearest real one, and how far it is."""

    indices: NDArray[np.int64]
    distances: Numbers


def nearest(real: Numbers, pictures: Numbers) -> Nearest:
    """The nearest real picture to each."""
    distances, indices = _distances(pictures, real).min(1)
    return Nearest(indices.numpy(), distances.numpy())


def copy_limit(real: Numbers) -> float:
    """What is nearer to a real picture than this is a copy: 99 of 100 real pictures are farther from all others."""
    distances = _distances(real, real).fill_diagonal_(math.inf).min(1).values
    return float(np.quantile(distances.numpy(), COPY_QUANTILE))


def signal_to_noise(errors: Numbers) -> float:
    """Mean PSNR = -10·log₁₀(MSE) in dB, from the mean squared errors of pictures with values from 0 to 1."""
    return float(np.mean(-10 * np.log10(np.maximum(errors.astype(np.float64), 1e-10))))


def _distances(ones: Numbers, others: Numbers) -> Tensor:
    """Euclidean, [ones, others]."""
    return torch.cdist(torch.from_numpy(ones), torch.from_numpy(others), compute_mode="donot_use_mm_for_euclid_dist")
