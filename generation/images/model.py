"""A picture model that can be drawn from, loaded from its folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from generation.errors import ModelUnusable
from generation.images.devices import device_of
from generation.images.mixture import GaussianMixture
from generation.images.networks import DCGANGenerator, Kind, ResidualGenerator, VariationalAutoencoder
from generation.images.pixels import to_pictures, to_tensor
from generation.images.stored import StoredModel, digest

if TYPE_CHECKING:
    from generation.images.classifier import Classifier

Pictures = NDArray[numpy.uint8]
Numbers = NDArray[numpy.float32]
Prior = Literal["mixture", "normal"]
AT_ONCE = 64


class ImageModel:
    """A generator (GAN, DCGAN or VAE) with its tags; pictures are uint8 [N, size, size, channels].

    Pictures are computed one after the other, so that one is the same to the last bit whichever others are drawn in
    the same call. One instance may be used by one thread at a time.
    """

    def __init__(self, stored: StoredModel, folder: Path, device: torch.device) -> None:
        self._stored = stored
        self._folder = folder
        self._device = device
        self.name = folder.resolve().name
        self.digest = digest(folder)
        self.kind: Kind = stored.architecture.kind
        self.size = stored.architecture.size
        self.channels = stored.architecture.channels
        self.tags = stored.tags
        self.photo_limit = stored.photo_limit
        self._mixture = _mixture(stored, folder) if self.kind == "vae" else None
        self._network = _network(stored, folder).to(device)

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> ImageModel:
        """Raises ModelUnusable, with the reason, when the folder holds no picture model that fits together."""
        return cls(StoredModel.load(folder), folder, device_of(device))

    @torch.inference_mode()
    def draw(self, tags: Sequence[Sequence[str]], seeds: Sequence[int], *, prior: Prior = "mixture") -> Pictures:
        """One picture for the tags and the seed at each place; it depends on these alone.

        What the tags leave open is chosen as in the training set: `dress` becomes a dress of some colour. `prior` is
        what an autoencoder's latents are drawn from: the mixture fitted to its training set, or N(0, I). Raises
        ModelUnusable for an unknown tag.
        """
        self.tags.rows(tags)
        return self._pictures(self._draw_one(wanted, seed, prior) for wanted, seed in zip(tags, seeds, strict=True))

    @torch.inference_mode()
    def draw_near(self, tags: Sequence[str], seed: int, other: int, share: float) -> Pictures:
        """The picture [size, size, channels] whose latent is `share` of the way from that of the tags and `seed` to
        that of `other`: along the line for an autoencoder, for a GAN along the arc √(1-share²)·z + share·z', where its
        latents lie."""
        chance = torch.Generator().manual_seed(seed)
        row = self._rows([self._stored.combinations.complete(tags, chance)])
        begin = self._latent(row, chance, "mixture")
        end = self._latent(row, torch.Generator().manual_seed(other), "mixture")
        rest = 1 - share if self.kind == "vae" else (1 - share**2) ** 0.5
        (picture,) = self._pictures([self._decoded((rest * begin + share * end)[None].to(self._device), row)])
        return numpy.asarray(picture)

    def _draw_one(self, tags: Sequence[str], seed: int, prior: Prior) -> Tensor:
        chance = torch.Generator().manual_seed(seed)
        row = self._rows([self._stored.combinations.complete(tags, chance)])
        return self._decoded(self._latent(row, chance, prior)[None].to(self._device), row)

    def _latent(self, row: Tensor, chance: torch.Generator, prior: Prior) -> Tensor:
        if self._mixture and prior == "mixture":
            return self._mixture.sample(row[0].cpu(), chance)
        return torch.randn(self._stored.architecture.latent, generator=chance)

    def _decoded(self, latents: Tensor, rows: Tensor) -> Tensor:
        if isinstance(self._network, VariationalAutoencoder):
            return self._network.decode(latents, rows)
        pictures: Tensor = self._network(latents, rows)
        return pictures

    def tag_scores(self, pictures: Pictures, tags: Sequence[str]) -> Numbers:
        """How probable the classifier of the same training set finds it that each picture has all the tags, [N]."""
        positions = [self._classifier.tags.names.index(tag) for tag in self._classifier.tags.known(tags)]
        probabilities = self._classifier.tag_probabilities(pictures)
        return numpy.asarray(probabilities[:, positions].prod(1), numpy.float32)

    @cached_property
    def _classifier(self) -> Classifier:
        from generation.images.classifier import Classifier  # not needed to draw

        return Classifier.load(self._folder)

    @torch.inference_mode()
    def encode(self, pictures: Pictures) -> tuple[Numbers, Numbers]:
        """Mean and deviation of the latents of pictures whose tags are not known, both [N, latent]; VAE only."""
        moments = [self._encoded(part) for part in self._parts(pictures)]
        means, log_variances = (torch.cat(each).cpu() for each in zip(*moments, strict=True))
        return means.numpy(), (0.5 * log_variances).exp().numpy()

    @torch.inference_mode()
    def decode(self, latents: Numbers, tags: Sequence[Sequence[str]]) -> Pictures:
        """The pictures of latents [N, latent], with tags or, for those that `encode` gave, without; VAE only."""
        rows = self._rows(tags)
        single = torch.from_numpy(latents.astype(numpy.float32)).to(self._device)
        vae = self._vae
        return self._pictures(vae.decode(latent[None], row[None]) for latent, row in zip(single, rows, strict=True))

    @torch.inference_mode()
    def reconstruction_error(self, pictures: Pictures) -> Numbers:
        """The mean squared error, of pixels from 0 to 1, of each picture drawn again from its latent, [N]; VAE only."""
        errors = []
        for part in self._parts(pictures):
            mean, _ = self._encoded(part)
            drawn = self._vae.decode(mean, self._no_tags(len(part))).clamp(-1.0, 1.0)
            errors.append(((drawn - part) / 2.0).square().mean((1, 2, 3)))
        return torch.cat(errors).cpu().numpy()

    @property
    def _vae(self) -> VariationalAutoencoder:
        if not isinstance(self._network, VariationalAutoencoder):
            raise ModelUnusable(f"{self.name} is a {self.kind}: only a vae can draw a photo again.")
        return self._network

    def _encoded(self, part: Tensor) -> tuple[Tensor, Tensor]:
        return self._vae.encode(part, self._no_tags(len(part)))

    def _parts(self, pictures: Pictures) -> Iterable[Tensor]:
        """As tensors, so many at a time that memory stays bounded."""
        wanted = (self.size, self.size, self.channels)
        if pictures.shape[1:] != wanted:
            raise ModelUnusable(f"{self.name} takes pictures of the shape {wanted}, not {pictures.shape[1:]}.")
        for start in range(0, len(pictures), AT_ONCE):
            yield to_tensor(pictures[start : start + AT_ONCE]).to(self._device)

    def _rows(self, tags: Sequence[Sequence[str]]) -> Tensor:
        return torch.from_numpy(self.tags.rows(tags)).to(self._device)

    def _no_tags(self, count: int) -> Tensor:
        return torch.zeros(count, len(self.tags), device=self._device)

    def _pictures(self, tensors: Iterable[Tensor]) -> Pictures:
        drawn = [to_pictures(tensor) for tensor in tensors]
        empty = numpy.zeros((0, self.size, self.size, self.channels), numpy.uint8)
        return numpy.concatenate(drawn) if drawn else empty


def _network(stored: StoredModel, folder: Path) -> nn.Module:
    kinds = {"gan": ResidualGenerator, "dcgan": DCGANGenerator, "vae": VariationalAutoencoder}
    weights = {name: weight for name, weight in stored.weights.items() if not name.startswith("mixture.")}
    try:
        network = kinds[stored.architecture.kind](stored.architecture)
        network.load_state_dict(weights)
    except (RuntimeError, ValueError, IndexError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelUnusable(f"The weights in {folder} do not fit its config.json: {reason}") from None
    return network.requires_grad_(False).eval()


def _mixture(stored: StoredModel, folder: Path) -> GaussianMixture:
    try:
        return GaussianMixture.from_tensors(stored.weights)
    except KeyError as error:
        raise ModelUnusable(f"The weights in {folder} lack {error}.") from None
