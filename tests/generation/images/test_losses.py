"""Each loss against an independent computation of its formula."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from generation.images import losses
from generation.images.networks import Architecture, ResidualCritic

NUMBERS = st.floats(-8, 8, width=32)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6)


def scores(pairs: list[tuple[float, float]]) -> tuple[Tensor, Tensor]:
    real, drawn = torch.tensor(pairs, dtype=torch.float64).T
    return real, drawn


@given(PAIRS)
def test_the_relativistic_losses_are_the_cross_entropy_of_which_of_two_is_real(
    pairs: list[tuple[float, float]],
) -> None:
    real, drawn = scores(pairs)
    probability = 1 / (1 + torch.exp(drawn - real))  # that the real one is the real one
    assert losses.relativistic_critic(real, drawn).item() == pytest.approx(-probability.log().mean().item())
    swapped = 1 / (1 + torch.exp(real - drawn))
    assert losses.relativistic_generator(real, drawn).item() == pytest.approx(-swapped.log().mean().item())


@given(PAIRS)
def test_the_minimax_losses_are_binary_cross_entropies(pairs: list[tuple[float, float]]) -> None:
    real, drawn = scores(pairs)
    ones, zeros = torch.ones_like(real), torch.zeros_like(real)
    entropy = functional.binary_cross_entropy
    expected = entropy(real.sigmoid(), ones) + entropy(drawn.sigmoid(), zeros)
    assert losses.minimax_critic(real, drawn).item() == pytest.approx(expected.item())
    assert losses.non_saturating_generator(drawn).item() == pytest.approx(entropy(drawn.sigmoid(), ones).item())
    assert losses.minimax_generator(drawn).item() == pytest.approx((1 - drawn.sigmoid()).log().mean().item())


@pytest.mark.parametrize(
    ("real", "drawn", "expected"),
    [(2.0, -2.0, 0.0), (1.0, -1.0, 0.0), (0.25, -1.0, 0.75), (1.0, 0.5, 1.5), (-1.0, 1.0, 4.0)],
)
def test_the_hinge_counts_what_is_within_its_margin(real: float, drawn: float, expected: float) -> None:
    assert losses.hinge_critic(torch.tensor([real]), torch.tensor([drawn])).item() == expected
    assert losses.hinge_generator(torch.tensor([drawn, 3.0])).item() == -(drawn + 3.0) / 2


def critic() -> nn.Module:
    torch.manual_seed(1)
    network = ResidualCritic(Architecture("gan", 8, 1, 4, (8, 8), tags=2, embedding=4))
    for parameter in network.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return network.double()


def test_the_zero_centred_penalty_is_the_squared_slope_of_the_score_by_finite_differences() -> None:
    network = critic()
    pictures, tags = torch.randn(3, 1, 8, 8, dtype=torch.float64), torch.tensor([[1.0, 0.0]] * 3).double()
    pictures.requires_grad_()
    penalty = losses.zero_centred_penalty(network(pictures, tags), pictures)
    step, slopes = 1e-5, []
    with torch.no_grad():
        for pixel in range(64):
            moved = torch.zeros(64, dtype=torch.float64)
            moved[pixel] = step
            change = network(pictures + moved.view(1, 1, 8, 8), tags) - network(pictures - moved.view(1, 1, 8, 8), tags)
            slopes.append(change / (2 * step))
    expected = torch.stack(slopes).square().sum(0).mean()
    assert expected > 0
    assert penalty.item() == pytest.approx(expected.item(), rel=1e-4)


def test_the_penalty_teaches_the_critic_by_the_right_gradient() -> None:
    network = critic()
    pictures, tags = torch.randn(2, 1, 8, 8, dtype=torch.float64), torch.ones(2, 2).double()
    weight = network.get_parameter("features.weight")

    def penalty() -> Tensor:
        raw = pictures.detach().requires_grad_()
        return losses.zero_centred_penalty(network(raw, tags), raw)

    penalty().backward()  # type: ignore[no-untyped-call]
    assert weight.grad is not None
    found, step = weight.grad[1, 2].item(), 1e-5
    with torch.no_grad():
        weight[1, 2] += step
    above = penalty().item()
    with torch.no_grad():
        weight[1, 2] -= 2 * step
    assert found == pytest.approx((above - penalty().item()) / (2 * step), rel=1e-3)


@given(st.lists(st.tuples(NUMBERS, st.floats(-6, 4)), min_size=1, max_size=8))
def test_the_divergence_is_that_of_normal_distributions(moments: list[tuple[float, float]]) -> None:
    mean, log_variance = torch.tensor(moments, dtype=torch.float64).T
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))
    found = losses.kl_divergence(mean[None], log_variance[None])
    assert torch.allclose(found[0], expected.double(), rtol=1e-4, atol=1e-6)


def test_free_bits_count_each_latent_at_least_so_much_and_leave_the_quiet_ones_alone() -> None:
    divergences = torch.tensor([[0.0, 1.0], [0.02, 3.0]], requires_grad=True)
    loss = losses.free_bits(divergences, 0.05)
    assert loss.item() == pytest.approx(0.05 + 2.0)
    loss.backward()  # type: ignore[no-untyped-call]
    assert divergences.grad is not None
    assert divergences.grad.tolist() == [[0.0, 0.5], [0.0, 0.5]]


def test_the_reconstruction_is_a_normal_distributions_log_probability_in_nats_a_picture() -> None:
    torch.manual_seed(1)
    pictures, drawn = torch.randn(4, 3, 5, 5), torch.randn(4, 3, 5, 5)
    variance = torch.tensor(0.3)
    expected = -Normal(drawn, math.sqrt(0.3)).log_prob(pictures).sum((1, 2, 3)).mean()  # type: ignore[no-untyped-call]
    assert losses.gaussian_reconstruction(pictures, drawn, variance).item() == pytest.approx(expected.item(), rel=1e-5)


@given(st.floats(0.05, 20))
def test_no_other_variance_explains_the_pictures_better_than_the_optimal_one(factor: float) -> None:
    pictures, drawn = torch.linspace(-1, 1, 48).view(2, 1, 4, 6), torch.zeros(2, 1, 4, 6)
    best = losses.optimal_variance(pictures, drawn)
    least = losses.gaussian_reconstruction(pictures, drawn, best).item()
    assert least <= losses.gaussian_reconstruction(pictures, drawn, factor * best).item() + 1e-4
