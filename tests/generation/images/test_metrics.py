"""Distances between sets of features."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.linalg import sqrtm

from generation.images.metrics import (
    copy_limit,
    density_and_coverage,
    frechet_distance,
    kernel_distance,
    nearest,
    signal_to_noise,
)

Features = np.ndarray[Any, np.dtype[np.float32]]


def normal(count: int, shift: float = 0.0, width: int = 8, seed: int = 0) -> Features:
    values = np.random.default_rng(seed).normal(shift, 1.0, (count, width))
    return np.asarray(values, np.float32)


def test_frechet_distance_agrees_with_its_formula() -> None:
    real = normal(200)
    generated = normal(150, seed=1) @ np.diag(np.linspace(0.5, 2, 8)).astype(np.float32) + 0.3
    one, other = np.cov(real.T), np.cov(generated.T)
    wanted = np.square(real.mean(0) - generated.mean(0)).sum() + np.trace(one + other - 2 * sqrtm(one @ other).real)
    assert frechet_distance(real, generated) == pytest.approx(wanted, rel=1e-4)


def test_equal_sets_are_at_no_distance_and_farther_ones_farther() -> None:
    real = normal(300)
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-5)
    assert frechet_distance(real, normal(300, 1.0, seed=1)) < frechet_distance(real, normal(300, 2.0, seed=1))
    assert kernel_distance(real, normal(300, 1.0, seed=1)) < kernel_distance(real, normal(300, 2.0, seed=1))


def test_kernel_distance_has_no_bias_and_is_the_same_each_time() -> None:
    values = [kernel_distance(normal(60, seed=2 * seed), normal(60, seed=2 * seed + 1)) for seed in range(20)]
    assert abs(np.mean(values)) < 0.05
    assert kernel_distance(normal(50), normal(70, seed=3)) == kernel_distance(normal(50), normal(70, seed=3))


def test_density_and_coverage_of_the_same_distribution_have_their_known_values() -> None:
    density, coverage = density_and_coverage(normal(1000), normal(1000, seed=1))
    assert density == pytest.approx(1.0, abs=0.1)
    assert coverage == pytest.approx(1 - 0.5**5, abs=0.03)  # Naeem et al., 2020: 1 - 1/2^k


def test_one_good_picture_again_and_again_is_dense_and_covers_nothing() -> None:
    real = normal(200)
    again = np.repeat(real.mean(0, keepdims=True), 200, axis=0)
    density, coverage = density_and_coverage(real, again)
    assert density > 1
    assert coverage < 0.9
    assert density_and_coverage(real, normal(200, 50.0)) == (0.0, 0.0)


def test_copies_are_nearer_than_real_pictures_are_to_each_other() -> None:
    real = normal(500)
    limit = copy_limit(real)
    assert (nearest(real, real[:50] + np.float32(1e-3)).distances < limit).all()
    assert (nearest(real, normal(500, seed=1)).distances < limit).mean() < 0.03


def test_the_nearest_picture_is_found() -> None:
    found = nearest(normal(100), normal(100)[[7, 3]])
    assert found.indices.tolist() == [7, 3]
    assert found.distances.tolist() == [0, 0]


def test_too_few_pictures_have_no_figures() -> None:
    few = normal(1)
    assert math.isnan(frechet_distance(few, normal(9)))
    assert math.isnan(kernel_distance(few, normal(9)))
    assert math.isnan(density_and_coverage(normal(5), normal(9))[0])


def test_signal_to_noise_of_a_known_error() -> None:
    assert signal_to_noise(np.array([0.01, 0.001], np.float32)) == pytest.approx(25.0)
