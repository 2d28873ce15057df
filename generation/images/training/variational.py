"""One step of a variational autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from generation.images import losses
from generation.images.networks import Architecture, VariationalAutoencoder
from generation.images.training.acceleration import autocast, compiled
from generation.images.training.average import Average
from generation.images.training.batches import Batch, dropped, without_rows
from generation.images.training.learner import Moment
from generation.images.training.options import Options
from generation.images.training.schedule import cosine, set_rate, warm_up

FREE = 0.05  # nats that each latent may tell at no cost
UNTAGGED = 0.3  # of the pictures, since photographs that are sent come without tags
LARGEST_GRADIENT = 1.0  # norm, for a loss in nats a pixel
SLOWED = 0.5  # the learning rate after each setback


class Autoencoder:
    """An autoencoder with its average."""

    def __init__(self, architecture: Architecture, options: Options, device: torch.device) -> None:
        self._network = VariationalAutoencoder(architecture).to(device)
        self._average = Average(self._network)
        self._reconstruct = compiled(self._network, device)
        self._optimizer = torch.optim.AdamW(
            self._network.parameters(), options.rates[0], options.habits.betas, weight_decay=0.01
        )
        self._options = options
        self._latent = architecture.latent
        self._autocast = autocast(options.precision, device)

    @property
    def network(self) -> VariationalAutoencoder:
        """The averaged one."""
        assert isinstance(self._average.network, VariationalAutoencoder)
        return self._average.network

    @property
    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {"network": self._network, "average": self._average.network, "optimizer": self._optimizer}

    @torch.no_grad()
    def drawn(self, latents: Tensor, tags: Tensor) -> Tensor:
        return self.network.decode(latents, tags)

    def step(self, batch: Batch, moment: Moment) -> dict[str, float]:
        """reconstruction + weight · KL, both in nats a picture; the weight rises from 0 in the first tenth."""
        set_rate((self._optimizer,), cosine(*self._options.rates, moment.share) * SLOWED**moment.setbacks)
        tags = without_rows(dropped(batch.tags, self._options.tag_dropout, moment.chance), UNTAGGED, moment.chance)
        noise = torch.randn(len(batch), self._latent, generator=moment.chance).to(batch.pictures.device)
        with self._autocast():
            drawn, mean, log_variance = (each.float() for each in self._reconstruct(batch.pictures, tags, noise))
        variance = losses.optimal_variance(batch.pictures, drawn)
        reconstruction = losses.gaussian_reconstruction(batch.pictures, drawn, variance)
        divergences = losses.kl_divergence(mean, log_variance)
        weight = self._options.kl_weight * warm_up(moment.share)
        loss = reconstruction + weight * losses.free_bits(divergences, FREE)
        self._update(loss / batch.pictures[0].numel())
        self._average.update(self._network, moment.step)
        return {
            "reconstruction": reconstruction.item(),
            "KL": divergences.sum(1).mean().item(),
            "squared error": variance.item() / 4.0,  # of pixels from 0 to 1
        }

    def _update(self, loss: Tensor) -> None:
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), LARGEST_GRADIENT)
        self._optimizer.step()
