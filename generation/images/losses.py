"""What the generators are trained to make small: pure functions of scores, moments and pictures.

Scores are [N], pictures [N, C, H, W], moments of latents [N, D]. Losses are means over the batch; those of an
autoencoder are in nats a picture.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def relativistic_critic(real: Tensor, drawn: Tensor) -> Tensor:
    """E[softplus(-(D(x) - D(G(z))))]: a real picture shall score above the drawn one that it is paired with.

    Jolicoeur-Martineau, 2018, "The relativistic discriminator", in the form of Huang et al., 2024 (R3GAN).
    """
    return functional.softplus(drawn - real).mean()


def relativistic_generator(real: Tensor, drawn: Tensor) -> Tensor:
    """E[softplus(-(D(G(z)) - D(x)))], the mirror of `relativistic_critic`."""
    return functional.softplus(real - drawn).mean()


def zero_centred_penalty(scores: Tensor, pictures: Tensor) -> Tensor:
    """E[|grad_x D(x)|²]: R1 where x are real pictures, R2 where they are drawn ones; it counts with gamma / 2.

    Mescheder, Geiger and Nowozin, 2018, "Which training methods for GANs do actually converge?". `scores` must have
    been computed from `pictures`, each from its own; the result can be differentiated again.
    """
    (gradients,) = torch.autograd.grad(scores.sum(), pictures, create_graph=True)
    return gradients.square().flatten(1).sum(1).mean()


def minimax_critic(real: Tensor, drawn: Tensor) -> Tensor:
    """-E[log D(x)] - E[log(1 - D(G(z)))] for scores that are logits: binary cross-entropy (Goodfellow et al., 2014)."""
    return functional.softplus(-real).mean() + functional.softplus(drawn).mean()


def minimax_generator(drawn: Tensor) -> Tensor:
    """E[log(1 - D(G(z)))], the generator's side of the minimax game; flat where the critic is sure."""
    return -functional.softplus(drawn).mean()


def non_saturating_generator(drawn: Tensor) -> Tensor:
    """-E[log D(G(z))], which Goodfellow et al., 2014, train with in place of `minimax_generator`."""
    return functional.softplus(-drawn).mean()


def hinge_critic(real: Tensor, drawn: Tensor) -> Tensor:
    """E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))] (Lim and Ye, 2017, "Geometric GAN")."""
    return functional.relu(1.0 - real).mean() + functional.relu(1.0 + drawn).mean()


def hinge_generator(drawn: Tensor) -> Tensor:
    """-E[D(G(z))], the generator's side of `hinge_critic`."""
    return -drawn.mean()


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²) || N(0, 1)) = (μ² + σ² - log σ² - 1) / 2 of each latent, [N, D] in nats.

    Kingma and Welling, 2013, "Auto-encoding variational Bayes", appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1.0)


def free_bits(divergences: Tensor, least: float) -> Tensor:
    """Σ_d max(least, E[KL_d]) of divergences [N, D]: what a latent may tell at no cost, so that none falls silent.

    Kingma et al., 2016, "Improving variational inference with inverse autoregressive flow", section C.8.
    """
    return divergences.mean(0).clamp(min=least).sum()


def gaussian_reconstruction(pictures: Tensor, drawn: Tensor, variance: Tensor) -> Tensor:
    """-log N(x; x', σ²) = Σ (x - x')² / 2σ² + log(2πσ²) / 2 over pixels and channels, in nats a picture."""
    errors = (pictures - drawn).square() / variance + torch.log(variance) + math.log(2.0 * math.pi)
    return 0.5 * errors.flatten(1).sum(1).mean()


def optimal_variance(pictures: Tensor, drawn: Tensor) -> Tensor:
    """The σ² for which `gaussian_reconstruction` is smallest: the mean squared error; it carries no gradient.

    Rybkin, Daniilidis and Levine, 2021, "Simple and effective VAE training with calibrated decoders".
    """
    return (pictures - drawn).detach().square().mean().clamp(min=1e-6)
