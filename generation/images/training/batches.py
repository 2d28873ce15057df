"""What one step learns from. All chance of a step comes from its number, so that a resumed run repeats nothing and
changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from generation.images.augmentation import mirrored
from generation.images.pictures import PictureSet
from generation.images.pixels import to_tensor
from generation.images.tags import TagVocabulary


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures [N, C, H, W] from -1 to 1 and their tag rows [N, tags]."""

    pictures: Tensor
    tags: Tensor

    def __len__(self) -> int:
        return len(self.pictures)


class Batches:
    """Draws batches from a set that is held in memory as bytes."""

    def __init__(
        self, pictures: PictureSet, tags: TagVocabulary, *, size: int, mirror: bool, device: torch.device
    ) -> None:
        self._images = pictures.images
        self._rows = torch.from_numpy(tags.rows([tags.known(own) for own in pictures.tags]))
        self._size = size
        self._mirror = mirror
        self._device = device

    def draw(self, chance: torch.Generator) -> Batch:
        """One batch, with replacement."""
        numbers = torch.randint(len(self._images), (self._size,), generator=chance)
        batch = self.of(numbers)
        return Batch(mirrored(batch.pictures, chance), batch.tags) if self._mirror else batch

    def of(self, numbers: Tensor) -> Batch:
        """The pictures with these numbers."""
        pictures = to_tensor(self._images[numbers.numpy()]).to(self._device)
        return Batch(pictures, self._rows[numbers].to(self._device))

    def all(self) -> list[Batch]:
        """The whole set in its order, in parts."""
        return [self.of(numbers) for numbers in torch.split(torch.arange(len(self._images)), self._size)]


def chance_of(seed: int, *numbers: int) -> torch.Generator:
    """A generator of its own for each tuple of numbers."""
    mixed = hash((seed, *numbers)) % 2**63  # hash of whole numbers is the same in every process
    return torch.Generator().manual_seed(mixed)


def dropped(tags: Tensor, share: float, chance: torch.Generator) -> Tensor:
    """Rows [N, tags] with each tag hidden with the probability `share`."""
    kept = torch.rand(tags.shape, generator=chance) >= share
    return tags * kept.to(tags.device)


def without_rows(tags: Tensor, share: float, chance: torch.Generator) -> Tensor:
    """Rows [N, tags], of which the share has no tags at all."""
    kept = torch.rand(len(tags), 1, generator=chance) >= share
    return tags * kept.to(tags.device)
